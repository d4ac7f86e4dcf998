package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy as a process of its own. */
class RunCommandTest {
  private final List<Process> processes = new ArrayList<>();
  @TempDir private Path folder;

  @AfterEach
  void killWhatIsLeft() {
    processes.forEach(Process::destroyForcibly);
  }

  private Process run(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CriProxy.class.getName(), "run"));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    processes.add(process);
    return process;
  }

  /** Reads what the process says until it listens. */
  private static String untilItListens(Process process) throws IOException {
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.append(line).append('\n');
      if (line.contains("listening on")) {
        return said.toString();
      }
    }
    throw new AssertionError("the proxy ended without listening: " + said);
  }

  @Test
  void itServesDrainsOnSigtermAndExitsWithZero() throws Exception {
    Path socket = folder.resolve("criproxy.sock");
    FakeRuntime runtime = FakeRuntime.create("containerd");
    try (CriServer server =
        CriServer.builder(runtime).socket(folder.resolve("containerd.sock")).start()) {
      Process proxy =
          run(
              "--listen",
              socket.toString(),
              "--connect",
              server.socket() + ",late:" + folder.resolve("late.sock"),
              "--socket-mode",
              "0660");

      assertThat(untilItListens(proxy)).contains(socket.toString(), "containerd.sock");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-rw----");
      try (CriClient client = CriClient.connect(socket)) {
        assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
            .isEqualTo("containerd");
      }

      proxy.destroy();

      assertThat(proxy.waitFor(20, TimeUnit.SECONDS)).as("it ended").isTrue();
      assertThat(proxy.exitValue()).isZero();
      assertThat(socket).doesNotExist();
    }
  }

  @Test
  void aCallThatRunsIsFinishedBeforeItStops() throws Exception {
    Path socket = folder.resolve("criproxy.sock");
    FakeRuntime runtime = FakeRuntime.create("containerd");
    try (CriServer server =
            CriServer.builder(runtime).socket(folder.resolve("containerd.sock")).start();
        CriClient client = CriClient.connect(socket)) {
      Process proxy = run("--listen", socket.toString(), "--connect", server.socket().toString());
      String said = untilItListens(proxy);
      assertThat(said).isNotEmpty();
      runtime.hang("ExecSync");
      var call =
          client.stream(
              RuntimeServiceGrpc.getExecSyncMethod(),
              ExecSyncRequest.newBuilder().setContainerId("c").addCmd("true").build());
      runtime.journal().takeCall("ExecSync");

      proxy.destroy();
      while (Files.exists(socket)) {
        Thread.onSpinWait();
      }
      assertThat(proxy.isAlive()).as("still waits for the call").isTrue();
      runtime.resume();

      assertThat(call.awaitEnd().getDescription()).contains("c");
      assertThat(proxy.waitFor(20, TimeUnit.SECONDS)).as("it ended").isTrue();
      assertThat(proxy.exitValue()).isZero();
    }
  }

  @Test
  void withNativeIdsTheKubeletSeesTheRuntimesIdsAndARestartForgetsNoOwner() throws Exception {
    Path socket = folder.resolve("criproxy.sock");
    FakeRuntime vm = FakeRuntime.create("vm");
    try (CriServer containerd =
            FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"));
        CriClient client = CriClient.connect(socket)) {
      String[] options = {
        "--listen",
        socket.toString(),
        "--connect",
        containerd.socket() + ",vm.example:" + folder.resolve("vm.sock"),
        "--ids",
        "native",
        "--state-file",
        folder.resolve("state").toString()
      };
      String sandbox;
      try (CriServer unused = vm.serve(folder.resolve("vm.sock"))) {
        Process proxy = run(options);
        untilItListens(proxy);
        sandbox = runPodOnVm(client);
        proxy.destroy();
        assertThat(proxy.waitFor(20, TimeUnit.SECONDS)).as("it ended").isTrue();
      }
      assertThat(vm.pods().get(0).getId()).isEqualTo(sandbox);

      untilItListens(run(options));

      assertThatThrownBy(
              () ->
                  client
                      .runtime()
                      .stopPodSandbox(
                          StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build()))
          .hasMessageContaining("UNAVAILABLE")
          .hasMessageContaining("runtime vm.example");
    }
  }

  private static String runPodOnVm(CriClient client) {
    PodSandboxConfig config =
        PodSandboxConfig.newBuilder()
            .setMetadata(PodSandboxMetadata.newBuilder().setName("p").setUid("u").setNamespace("n"))
            .putAnnotations("kubernetes.io/target-runtime", "vm.example")
            .build();
    return client
        .runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
        .getPodSandboxId();
  }
}
