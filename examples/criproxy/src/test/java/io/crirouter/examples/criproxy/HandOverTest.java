package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.examples.criproxy.service.Await;
import io.crirouter.examples.criproxy.service.Load;
import io.crirouter.examples.criproxy.service.ServedNode;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.ResponseStream;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hand-over from one proxy process to another. Slow: it starts two dozen processes. */
@Timeout(120)
class HandOverTest {
  private static final String TO_VM = "policies: [{namespace: {tenant: vm}}]\n";

  private final List<ProxyProcess> processes = new ArrayList<>();

  /** The pids of successors, which are not children of this process. */
  private final List<ProcessHandle> successors = new ArrayList<>();

  @TempDir private Path folder;
  private ServedNode node;

  @BeforeEach
  void serveRuntimes() throws Exception {
    node = new ServedNode(folder, "containerd", "vm");
    write("native");
  }

  @AfterEach
  void killWhatIsLeft() {
    processes.forEach(ProxyProcess::close);
    successors.forEach(ProcessHandle::destroyForcibly);
    node.close();
  }

  private void write(String ids) throws IOException {
    node.write(
        node.config(
            node.backend("containerd") + node.backend("vm"),
            TO_VM + "ids: " + ids + "\nstateFile: " + folder.resolve("state") + "\n"));
  }

  private ProxyProcess start(String... more) throws IOException {
    List<String> options = new ArrayList<>(List.of("--config", node.file.toString()));
    options.addAll(List.of(more));
    ProxyProcess process = ProxyProcess.run(options.toArray(String[]::new));
    processes.add(process);
    return process;
  }

  private ProxyProcess running(String... more) throws IOException, InterruptedException {
    ProxyProcess process = start(more);
    assertThat(process.untilItListens()).isNotEmpty();
    return process;
  }

  private void assertServed() {
    try (CriClient client = CriClient.connect(node.socket)) {
      assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
          .isEqualTo("containerd");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"prefixed", "native"})
  void noUnaryCallFailsOverSeveralHandOvers(String ids) throws Exception {
    write(ids);
    ProxyProcess current = running();
    try (Load tenant = new Load(node.socket, "tenant", 2, 1);
        Load plain = new Load(node.socket, "default", 1, 1)) {
      for (int i = 0; i < 3; i++) {
        ProxyProcess next = running("--take-over");
        assertThat(next.until("taken over")).isNotEmpty();
        assertThat(current.awaitExit()).isZero();
        tenant.awaitRounds(20);
        current = next;
      }

      assertThat(tenant.failures()).isEmpty();
      assertThat(plain.failures()).isEmpty();
    }
    assertThat(node.socket).exists();
    assertServed();
  }

  @Test
  void longCallsFinishOnTheOldOneAndEventStreamsResumeOnTheNewOne() throws Exception {
    ProxyProcess old = running();
    node.runtime("containerd").hang("ExecSync");
    try (CriClient client = CriClient.connect(node.socket);
        ResponseStream<?> events = client.events()) {
      var exec =
          client.stream(
              RuntimeServiceGrpc.getExecSyncMethod(),
              ExecSyncRequest.newBuilder().setContainerId("c").addCmd("true").build());
      node.runtime("containerd").journal().takeCall("ExecSync");
      node.runtime("containerd").journal().takeCall("GetContainerEvents");

      ProxyProcess next = running("--take-over");
      assertThat(next.until("taken over")).isNotEmpty();

      assertThat(events.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(old.isAlive()).as("it has a call to finish").isTrue();
      try (ResponseStream<?> resumed = client.events()) {
        node.runtime("containerd").journal().takeCall("GetContainerEvents");
        assertThat(ServedNode.run(client, "default", "a")).isNotEmpty();
        assertThat(resumed.next()).isNotNull();
      }
      node.runtime("containerd").resume();
      assertThat(exec.awaitEnd().getDescription()).contains("c");
    }
    assertThat(old.awaitExit()).isZero();
    assertServed();
  }

  @Test
  void theSuccessorKnowsTheLastPodOfThePredecessor() throws Exception {
    ProxyProcess old = running();
    node.runtime("vm").hang("RunPodSandbox");
    try (CriClient client = CriClient.connect(node.socket)) {
      var creation = client.stream(RuntimeServiceGrpc.getRunPodSandboxMethod(), podOnVm());
      node.runtime("vm").journal().takeCall("RunPodSandbox");
      ProxyProcess next = running("--take-over");
      assertThat(next.until("taken over")).isNotEmpty();
      node.runtime("vm").resume();
      String pod = creation.next().getPodSandboxId();

      assertThat(ServedNode.status(client, pod)).as("ids are native").isEqualTo(pod);

      assertThat(old.awaitExit()).isZero();
      next.terminate();
      assertThat(next.awaitExit()).isZero();
      node.stop("vm");
      running();
      assertThatThrownBy(() -> ServedNode.status(client, pod))
          .as("the state file is the successor's")
          .hasMessageContaining("UNAVAILABLE")
          .hasMessageContaining("runtime vm");
    }
  }

  private static RunPodSandboxRequest podOnVm() {
    return RunPodSandboxRequest.newBuilder()
        .setConfig(
            PodSandboxConfig.newBuilder()
                .setMetadata(
                    PodSandboxMetadata.newBuilder()
                        .setName("p")
                        .setUid("u")
                        .setNamespace("tenant")))
        .build();
  }

  @Test
  void aSuccessorWithABadConfigurationLeavesTheOldOneServing() throws Exception {
    ProxyProcess old = running();
    String config = Files.readString(node.file);
    Files.writeString(node.file, config + "lisen: x\n");

    ProxyProcess next = start("--take-over");

    assertThat(next.awaitExit()).isEqualTo(2);
    assertServed();
    assertThat(old.isAlive()).isTrue();
  }

  @Test
  void aSuccessorThatIsKilledBeforeItIsReadyLeavesTheOldOneServing() throws Exception {
    ProxyProcess old = running();
    node.runtime("vm").hang("Version");
    ProxyProcess next = start("--take-over");
    assertThat(old.until("is preparing to take over")).isNotEmpty();
    ProxyProcess third = start("--take-over");
    assertThat(third.awaitExit()).isEqualTo(1);
    assertThat(third.output()).contains("another proxy is taking over already");

    next.close();

    assertThat(old.until("has ended before it took over")).contains("still serving");
    node.runtime("vm").resume();
    assertServed();
    ProxyProcess another = running("--take-over");
    assertThat(another.until("taken over")).isNotEmpty();
    assertThat(old.awaitExit()).isZero();
    assertServed();
  }

  @Test
  void aSuccessorOfOneThatIsKilledServes() throws Exception {
    ProxyProcess old = running();
    node.runtime("vm").hang("Version");
    ProxyProcess next = start("--take-over");
    assertThat(old.until("is preparing to take over")).isNotEmpty();

    old.close();

    assertThat(next.untilItListens()).isNotEmpty();
    assertServed();
  }

  @Test
  void aProxyStartsItsSuccessorItself() throws Exception {
    ProxyProcess old = running();
    try (Load load = new Load(node.socket, "tenant", 1, 1)) {
      awaitSuccessor(handOver());
      assertThat(old.awaitExit()).isZero();
      load.awaitRounds(10);
      assertThat(load.failures()).isEmpty();

      Files.writeString(node.file, Files.readString(node.file) + "lisen: x\n");
      ProxyProcess refused = handOver();
      assertThat(refused.awaitExit()).isEqualTo(1);
      assertThat(refused.output()).contains("not handed over", "exit code 2");
      assertServed();
    }
  }

  @Test
  void keysThatCannotChangeAtRunTimeAreInForceAfterIt() throws Exception {
    ProxyProcess old = running();
    Files.writeString(
        node.file, Files.readString(node.file) + "log: {format: json}\nlimits: {connections: 7}\n");
    assertThat(old.until("is needed to change limits.connections, log.format")).isNotEmpty();

    awaitSuccessor(handOver());

    String lines = old.until("\"message\":\"listening on");
    String successor = lines.substring(lines.lastIndexOf("starts: runtimes"));
    assertThat(successor).contains("\"level\":\"info\"");
  }

  private void awaitSuccessor(ProxyProcess command) throws Exception {
    assertThat(command.awaitExit()).as(command.output()).isZero();
    Matcher line = Pattern.compile("process (\\d+) has taken over").matcher(command.output());
    assertThat(line.find()).isTrue();
    successors.add(ProcessHandle.of(Long.parseLong(line.group(1))).orElseThrow());
  }

  private ProxyProcess handOver() throws IOException {
    ProxyProcess command =
        ProxyProcess.command("hand-over", "--admin=" + folder.resolve("criproxy-admin.sock"));
    processes.add(command);
    return command;
  }

  @Test
  void withoutAPredecessorItJustStarts() throws Exception {
    running("--take-over");

    assertServed();
  }

  @Test
  void aProxyThatCannotHandOverIsNotReplaced() throws Exception {
    node.serve("other", "criproxy");

    ProxyProcess next = start("--take-over");

    assertThat(next.awaitExit()).isEqualTo(1);
    assertThat(next.output()).contains("another server is listening there; stop it first");
    Await.until("it is still there", () -> Files.exists(node.socket));
  }
}
