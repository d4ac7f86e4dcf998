package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.Cancellable;
import io.crirouter.examples.criproxy.service.ServedNode;
import io.crirouter.examples.criproxy.service.Systemd;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.ResponseStream;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The notifications to systemd. */
@Timeout(60)
class SystemdTest {
  private static final long PID = 7;

  @TempDir private Path folder;
  private Path socket;
  private NotifySocket systemd;

  @BeforeEach
  void listen() throws Exception {
    socket = folder.resolve("notify");
    systemd = new NotifySocket(socket);
  }

  @AfterEach
  void close() {
    systemd.close();
  }

  private Map<String, String> environment(String watched) {
    return Map.of(
        "NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "30000000", "WATCHDOG_PID", watched);
  }

  @Test
  void aServiceNotifiesEachStateChange() throws Exception {
    try (ServedNode node = new ServedNode(folder, "containerd")) {
      node.write(node.config(node.backend("containerd"), ""));
      try (ProxyProcess proxy =
          ProxyProcess.runIn(
              Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "150000"),
              "--config=" + node.file)) {
        assertThat(systemd.next("READY=1")).contains("STATUS=listening on " + node.socket);
        assertThat(systemd.next("WATCHDOG=1")).isNotEmpty();

        proxy.signal("HUP");
        assertThat(systemd.next("RELOADING=1")).containsPattern("MONOTONIC_USEC=[1-9]");
        assertThat(systemd.next("READY=1")).contains("STATUS=nothing has changed");

        try (ProxyProcess successor =
            ProxyProcess.runIn(
                Map.of("NOTIFY_SOCKET", socket.toString()),
                "--config=" + node.file,
                "--take-over")) {
          assertThat(systemd.next("MAINPID=")).isEqualTo("MAINPID=" + successor.pid());
          assertThat(systemd.next("READY=1")).contains("listening on");
          assertThat(proxy.awaitExit()).isZero();
          successor.terminate();
          assertThat(systemd.next("STOPPING=1")).contains("EXTEND_TIMEOUT_USEC=30000000");
          assertThat(successor.awaitExit()).isZero();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void underSystemdAPredecessorCutsCallsOffWhenItsSuccessorIsLost(boolean isThere)
      throws Exception {
    Map<String, String> environment =
        isThere ? Map.of("NOTIFY_SOCKET", socket.toString()) : Map.of();
    try (ServedNode node = new ServedNode(folder, "containerd")) {
      node.write(node.config(node.backend("containerd"), ""));
      try (ProxyProcess proxy = ProxyProcess.runIn(environment, "--config=" + node.file)) {
        assertThat(proxy.untilItListens()).isNotEmpty();
        try (CriClient client = CriClient.connect(node.socket);
            ProxyProcess successor =
                ProxyProcess.runIn(environment, "--config=" + node.file, "--take-over")) {
          ResponseStream<?> exec = longCall(client, node);
          assertThat(successor.until("taken over")).isNotEmpty();

          successor.close();
          if (isThere) {
            assertThat(proxy.until("no proxy serves: ending too")).isNotEmpty();
            assertThat(exec.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
          } else {
            assertThat(successor.awaitExit()).isNotZero();
            node.runtime("containerd").resume();
            assertThat(exec.awaitEnd().getDescription()).contains("c");
          }
          assertThat(proxy.awaitExit()).isZero();
        }
      }
    }
  }

  /** systemd is its parent then, and stops all remaining processes before a restart. */
  @Test
  void aStoppedPredecessorCutsCallsOffIfTheLastSuccessorWasKilled() throws Exception {
    try (ServedNode node = nodeOfLongDrain();
        ProxyProcess first = next(node);
        CriClient client = clientOf(first, node)) {
      ResponseStream<?> exec = longCall(client, node);
      try (ProxyProcess second = next(node)) {
        assertThat(second.until("taken over")).isNotEmpty();
        try (ProxyProcess third = next(node)) {
          assertThat(third.until("taken over")).isNotEmpty();
          assertThat(second.awaitExit()).isZero();
          third.close();
          assertThat(third.awaitExit()).isNotZero();
        }
      }

      first.terminate();

      assertThat(exec.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(first.awaitExit()).isZero();
    }
  }

  /** Stops the remaining processes, as systemd does after the end of the main process. */
  @Test
  void aPredecessorFinishesCallsAfterTwoStopSignals() throws Exception {
    try (ServedNode node = nodeOfLongDrain();
        ProxyProcess first = next(node);
        CriClient client = clientOf(first, node)) {
      ResponseStream<?> exec = longCall(client, node);
      try (ProxyProcess second = next(node)) {
        assertThat(second.until("taken over")).isNotEmpty();
        first.signal("TERM");
        second.terminate();
        assertThat(second.awaitExit()).isZero();
      }

      for (int i = 0; i < 10; i++) {
        // One that comes while another is pending is lost.
        first.signal("TERM");
      }
      node.runtime("containerd").resume();

      assertThat(exec.awaitEnd().getDescription()).contains("c");
      assertThat(first.awaitExit()).isZero();
    }
  }

  private ServedNode nodeOfLongDrain() throws Exception {
    ServedNode node = new ServedNode(folder, "containerd");
    node.write(node.config(node.backend("containerd"), "drainTimeout: 1h\n"));
    return node;
  }

  /** Starts a proxy under systemd that takes over from the running one, if any. */
  private ProxyProcess next(ServedNode node) throws Exception {
    return ProxyProcess.runIn(
        Map.of("NOTIFY_SOCKET", socket.toString()), "--config=" + node.file, "--take-over");
  }

  /** A call that has arrived, and ends when the runtime resumes. */
  private static ResponseStream<?> longCall(CriClient client, ServedNode node) throws Exception {
    node.runtime("containerd").hang("ExecSync");
    ResponseStream<?> call =
        client.stream(
            RuntimeServiceGrpc.getExecSyncMethod(),
            ExecSyncRequest.newBuilder().setContainerId("c").addCmd("true").build());
    node.runtime("containerd").journal().takeCall("ExecSync");
    return call;
  }

  private static CriClient clientOf(ProxyProcess proxy, ServedNode node) throws Exception {
    assertThat(proxy.untilItListens()).isNotEmpty();
    return CriClient.connect(node.socket);
  }

  @Test
  void watchdogKeepAlivesAreTasksOfTheScheduler() throws Exception {
    ManualScheduler scheduler = new ManualScheduler();
    Cancellable watch = Systemd.of(environment("7"), PID).watch(scheduler);

    scheduler.advance(Duration.ofSeconds(9));
    Systemd.of(environment("7"), PID).mainProcess(1);
    assertThat(systemd.next("")).as("not yet").isEqualTo("MAINPID=1");
    scheduler.advance(Duration.ofSeconds(1));
    assertThat(systemd.next("")).isEqualTo("WATCHDOG=1");
    scheduler.advance(Duration.ofSeconds(10));
    assertThat(systemd.next("")).isEqualTo("WATCHDOG=1");

    watch.cancel();
    scheduler.advance(Duration.ofMinutes(1));
    Systemd.of(environment("7"), PID).mainProcess(2);
    assertThat(systemd.next("")).isEqualTo("MAINPID=2");
  }

  @Test
  void theWatchdogOfAnotherProcessIsIgnored() throws Exception {
    ManualScheduler scheduler = new ManualScheduler();

    Cancellable unused = Systemd.of(environment("8"), PID).watch(scheduler);
    scheduler.advance(Duration.ofMinutes(1));

    Systemd.of(environment("8"), PID).mainProcess(3);
    assertThat(systemd.next("")).isEqualTo("MAINPID=3");
  }

  @Test
  void withoutNotifySocketNothingIsSent() {
    Systemd disabled = Systemd.of(Map.of("WATCHDOG_USEC", "1000"), PID);

    disabled.ready("ready");
    disabled.stopping(Duration.ofSeconds(1));
    Systemd gone = Systemd.of(Map.of("NOTIFY_SOCKET", folder.resolve("gone").toString()), PID);
    gone.ready("fails, which is logged");
  }
}
