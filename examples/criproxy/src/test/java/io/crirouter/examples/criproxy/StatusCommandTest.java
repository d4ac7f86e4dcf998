package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.examples.criproxy.AdminCommands.Outcome;
import io.crirouter.examples.criproxy.AdminCommands.Running;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code criproxy status}. */
@Timeout(30)
class StatusCommandTest {
  @TempDir private Path folder;
  private AdminNode node;

  @BeforeEach
  void start() throws Exception {
    node = new AdminNode(folder);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private String status() {
    Outcome outcome = AdminCommands.ask(node.admin(), "status");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.exit()).isZero();
    return outcome.out();
  }

  private JsonObject json() {
    Outcome outcome = AdminCommands.ask(node.admin(), "status", "-o", "json");
    return JsonParser.parseString(outcome.out()).getAsJsonObject();
  }

  private JsonObject runtime(int index) {
    return json().getAsJsonArray("runtimes").get(index).getAsJsonObject();
  }

  @Test
  void aTableHasEachRuntimeWithItsPods() {
    String vm = node.runPod("vm", "virtlet.cloud");
    String unused = node.createContainer(vm, "vm", "virtlet.cloud");

    assertThat(status().replaceAll(" [0-9]s([, ])", " 1s$1"))
        .isEqualTo(
            """
            criproxy 1.2.3, process %d, up 1s, listening on %2$s/criproxy.sock
            prefixed ids, prefixed image names, state in %2$s/state
            configuration %2$s/criproxy.yaml

            RUNTIME        ROLE       STATE  SINCE  PODS  CONTAINERS  FAILED  VERSION
            containerd     primary    ready  1s        0           0       0  containerd 1.0.0
            virtlet.cloud  secondary  ready  1s        1           1       0  virtlet.cloud 1.0.0
            """
                .formatted(ProcessHandle.current().pid(), folder));
  }

  @Test
  void jsonAlwaysHasEveryKey() {
    JsonObject status = json();

    assertThat(status.keySet())
        .containsExactly(
            "version",
            "pid",
            "startedAt",
            "listen",
            "ids",
            "images",
            "stateFile",
            "configuration",
            "lastReload",
            "runtimes");
    assertThat(status.get("lastReload").isJsonNull()).isTrue();
    assertThat(runtime(1).keySet())
        .containsExactly(
            "name",
            "role",
            "state",
            "since",
            "reason",
            "address",
            "runtimeName",
            "runtimeVersion",
            "pods",
            "containers",
            "images",
            "lastKnown",
            "failedCalls",
            "lastFailure");
  }

  @Test
  void aLostRuntimeIsShownWithTheReasonAndItsLastKnownState() {
    String unused = node.runPod("vm", "virtlet.cloud");
    node.stopVirtlet();
    while (!runtime(1).get("reason").getAsString().equals("no such socket")) {
      Thread.onSpinWait();
    }

    assertThat(status().replaceAll("\\s+", " "))
        .contains("virtlet.cloud secondary lost")
        .contains("virtlet.cloud (unix:" + folder)
        .contains("is not ready: no such socket; the numbers are the last known ones");
    assertThat(runtime(1).get("pods").getAsInt()).isEqualTo(1);
    assertThat(runtime(1).get("lastKnown").getAsBoolean()).isTrue();
  }

  @Test
  void theLastFailedCallOfARuntimeIsShownAndCannotControlATerminal() {
    String vm = node.runPod("vm", "virtlet.cloud");
    node.virtlet.failAlways(
        "RemovePodSandbox",
        RpcStatus.of(Code.FAILED_PRECONDITION, "busy \u001b[31m\nforged: line"));
    assertThatThrownBy(
            () ->
                node.client
                    .runtime()
                    .removePodSandbox(
                        RemovePodSandboxRequest.newBuilder().setPodSandboxId(vm).build()))
        .isInstanceOf(StatusRuntimeException.class);

    JsonObject failure = runtime(1).getAsJsonObject("lastFailure");
    assertThat(failure.keySet()).containsExactly("at", "rpc", "subject", "code", "message");
    assertThat(failure.get("subject").getAsString()).isEqualTo(vm);
    assertThat(runtime(1).get("failedCalls").getAsInt()).isEqualTo(1);
    assertThat(status().replaceAll("\\s+", " "))
        .contains("RemovePodSandbox " + vm + ": FAILED_PRECONDITION: busy \\u001b[31m\\nforged");
  }

  @Test
  void theLastReloadIsShown() throws Exception {
    node.reload("lissen: /x");

    assertThat(status().replaceAll("\\s+", " "))
        .contains("ago: REFUSED, the former one is in force: ")
        .contains("criproxy.yaml:1:1: unknown key 'lissen'");
    JsonObject reload = json().getAsJsonObject("lastReload");
    assertThat(reload.keySet()).containsExactly("at", "accepted", "message");
  }

  @Test
  void watchShowsEachChangeAndTheEndOfTheProxy() throws Exception {
    Running watching = AdminCommands.start(node.admin(), "status", "--watch");
    awaitShown(watching, "virtlet.cloud  secondary  ready");
    node.stopVirtlet();
    awaitShown(watching, "virtlet.cloud  secondary  lost");
    node.stopProxy();
    awaitShown(watching, "no proxy has its admin socket at");

    watching.interrupt();

    assertThat(watching.join().out().lines().filter(line -> line.startsWith("virtlet.cloud  sec")))
        .as("printed when it has changed")
        .hasSizeBetween(2, 5);
  }

  private static void awaitShown(Running watching, String text) {
    while (!watching.out().contains(text)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void anUnreachableProxyIsReportedWithWhatToDo() throws IOException {
    Path none = folder.resolve("none.sock");
    Path dead = folder.resolve("dead.sock");
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(dead));
    }

    assertThat(AdminCommands.ask(none, "status"))
        .isEqualTo(
            new Outcome(
                1,
                "",
                "criproxy: no proxy has its admin socket at "
                    + none
                    + ": check that criproxy is running, and set --admin to the socket in its"
                    + " log\n"));
    assertThat(AdminCommands.ask(dead, "status").err())
        .isEqualTo(
            "criproxy: no proxy answers at " + dead + ": it has stopped, or is just starting\n");
  }
}
