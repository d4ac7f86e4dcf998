package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.examples.criproxy.tracing.Collector;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code criproxy run} as a process. */
class RunCommandTest {
  private final List<ProxyProcess> processes = new ArrayList<>();
  @TempDir private Path folder;

  @AfterEach
  void killWhatIsLeft() {
    processes.forEach(ProxyProcess::close);
  }

  private ProxyProcess run(String... options) throws IOException {
    ProxyProcess process = ProxyProcess.run(options);
    processes.add(process);
    return process;
  }

  @Test
  void sigtermDrainsAndExitsWithZero() throws Exception {
    Path socket = folder.resolve("criproxy.sock");
    FakeRuntime runtime = FakeRuntime.create("containerd");
    try (CriServer server =
        CriServer.builder(runtime).socket(folder.resolve("containerd.sock")).start()) {
      ProxyProcess proxy =
          run(
              "--listen",
              socket.toString(),
              "--connect",
              server.socket() + ",late:" + folder.resolve("late.sock"),
              "--socket-mode",
              "0660");

      assertThat(proxy.untilItListens()).contains(socket.toString(), "containerd.sock");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-rw----");
      try (CriClient client = CriClient.connect(socket)) {
        assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
            .isEqualTo("containerd");
      }

      proxy.terminate();

      assertThat(proxy.awaitExit()).isZero();
      assertThat(socket).doesNotExist();
    }
  }

  @Test
  void runningCallsFinishBeforeItStops() throws Exception {
    Path socket = folder.resolve("criproxy.sock");
    FakeRuntime runtime = FakeRuntime.create("containerd");
    try (CriServer server =
            CriServer.builder(runtime).socket(folder.resolve("containerd.sock")).start();
        CriClient client = CriClient.connect(socket)) {
      ProxyProcess proxy =
          run("--listen", socket.toString(), "--connect", server.socket().toString());
      String said = proxy.untilItListens();
      assertThat(said).isNotEmpty();
      runtime.hang("ExecSync");
      var call =
          client.stream(
              RuntimeServiceGrpc.getExecSyncMethod(),
              ExecSyncRequest.newBuilder().setContainerId("c").addCmd("true").build());
      runtime.journal().takeCall("ExecSync");

      proxy.terminate();
      assertThat(proxy.until("stopping when the running calls have ended")).isNotEmpty();
      assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
          .as("served meanwhile, nobody else would")
          .isEqualTo("containerd");
      assertThat(proxy.isAlive()).as("still waits for the call").isTrue();
      runtime.resume();

      assertThat(call.awaitEnd().getDescription()).contains("c");
      assertThat(proxy.awaitExit()).isZero();
      assertThat(socket).doesNotExist();
    }
  }

  @Test
  void aSecondSigtermCutsTheCallsOff() throws Exception {
    Path socket = folder.resolve("criproxy.sock");
    FakeRuntime runtime = FakeRuntime.create("containerd");
    try (CriServer server = runtime.serve(folder.resolve("containerd.sock"));
        CriClient client = CriClient.connect(socket)) {
      ProxyProcess proxy =
          run("--listen=" + socket, "--connect=" + server.socket(), "--drain-timeout=10m");
      assertThat(proxy.untilItListens()).isNotEmpty();
      runtime.hang("ExecSync");
      var call =
          client.stream(
              RuntimeServiceGrpc.getExecSyncMethod(),
              ExecSyncRequest.newBuilder().setContainerId("c").addCmd("true").build());
      runtime.journal().takeCall("ExecSync");
      proxy.terminate();
      assertThat(proxy.until("stopping when the running calls have ended")).contains("600 s");

      proxy.terminate();

      assertThat(call.awaitEnd().getDescription()).contains("is stopping");
      assertThat(proxy.awaitExit()).isZero();
    }
  }

  @Test
  void nativeIdsWithoutAStateFileCauseAWarning() throws Exception {
    try (CriServer server =
        FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"))) {
      String[] options = {
        "--listen=" + folder.resolve("criproxy.sock"),
        "--connect=" + server.socket(),
        "--ids=native",
        "--state-file=" + folder.resolve("state")
      };

      assertThat(run(options).untilItListens()).doesNotContain("--state-file");
      options[0] += "2";
      assertThat(run(Arrays.copyOf(options, 3)).untilItListens())
          .containsPattern("warn  native ids without a state file .*");
    }
  }

  @Test
  void nativeIdsAreTheRuntimesIdsAndSurviveARestart() throws Exception {
    Path socket = folder.resolve("criproxy.sock");
    FakeRuntime vm = FakeRuntime.create("vm");
    try (CriServer containerd =
            FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"));
        CriClient client = CriClient.connect(socket)) {
      String[] options = {
        "--listen",
        "unix://" + socket,
        "--connect",
        "unix://" + containerd.socket() + ",vm.example:unix://" + folder.resolve("vm.sock"),
        "--ids",
        "native",
        "--state-file",
        folder.resolve("state").toString()
      };
      String sandbox;
      try (CriServer unused = vm.serve(folder.resolve("vm.sock"))) {
        ProxyProcess proxy = run(options);
        assertThat(proxy.untilItListens()).isNotEmpty();
        sandbox = runPodOnVm(client);
        proxy.terminate();
        assertThat(proxy.awaitExit()).isZero();
      }
      assertThat(vm.pods().get(0).getId()).isEqualTo(sandbox);

      assertThat(run(options).untilItListens()).isNotEmpty();

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

  @Test
  void sighupReloadsTheConfiguration() throws Exception {
    Path file = folder.resolve("criproxy.yaml");
    try (CriServer containerd =
        FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"))) {
      String config =
          "listen: %s\nbackends: [{name: containerd, endpoint: %s}]\n"
              .formatted(folder.resolve("criproxy.sock"), containerd.socket());
      Files.writeString(file, config);
      ProxyProcess proxy = run("--config", file.toString());
      assertThat(proxy.untilItListens()).isNotEmpty();

      proxy.signal("HUP");
      assertThat(proxy.until("reloaded")).contains("nothing has changed");
      Files.writeString(file, config + "ids: native\n");
      proxy.signal("HUP");
      assertThat(proxy.until("stays as it is")).contains("hand-over", "to change ids");

      proxy.terminate();
      assertThat(proxy.awaitExit()).isZero();
    }
  }

  @Test
  void anIgnoredSighupIsLogged() throws Exception {
    try (CriServer containerd =
        FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"))) {
      ProxyProcess proxy =
          ProxyProcess.runUnderNohup(
              "--listen=" + folder.resolve("criproxy.sock"), "--connect=" + containerd.socket());
      processes.add(proxy);

      assertThat(proxy.untilItListens()).contains("warn  SIGHUP is ignored");
    }
  }

  @Test
  void spansGoToTheCollectorThatTheFileNames() throws Exception {
    Path file = folder.resolve("criproxy.yaml");
    Path socket = folder.resolve("criproxy.sock");
    try (Collector collector = Collector.atSocket(folder.resolve("collector.sock"));
        CriServer containerd =
            FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"))) {
      Files.writeString(
          file,
          "listen: %s\nbackends: [{name: c, endpoint: %s}]\ntracing: {endpoint: %s}\n"
              .formatted(socket, containerd.socket(), folder.resolve("collector.sock")));
      ProxyProcess proxy = run("--config", file.toString());
      assertThat(proxy.untilItListens()).contains("sending spans of criproxy to " + folder);
      try (CriClient client = CriClient.connect(socket)) {
        var unused = client.runtime().version(VersionRequest.getDefaultInstance());
      }

      proxy.terminate();

      assertThat(proxy.awaitExit()).isZero();
      assertThat(collector.spans())
          .as("the last ones are sent at the end")
          .anySatisfy(span -> assertThat(span.attributes()).containsEntry("cri.backends", "[c]"));
    }
  }

  @Test
  void onlyAllowedUidsMayConnect() throws Exception {
    int uid = (Integer) Files.getAttribute(folder, "unix:uid");
    Path socket = folder.resolve("criproxy.sock");
    try (CriServer containerd =
        FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"))) {
      Path file = folder.resolve("criproxy.yaml");
      String config =
          "listen: %s\nallowedUids: [%d]\nbackends: [{name: containerd, endpoint: %s}]\n";

      Files.writeString(file, config.formatted(socket, uid + 1, containerd.socket()));
      ProxyProcess proxy = run("--config", file.toString());
      assertThat(proxy.untilItListens()).isNotEmpty();
      try (CriClient client = CriClient.connect(socket)) {
        assertThatThrownBy(() -> client.runtime().version(VersionRequest.getDefaultInstance()))
            .hasMessageContaining("UNAVAILABLE");
      }
      proxy.terminate();
      assertThat(proxy.awaitExit()).isZero();

      Files.writeString(file, config.formatted(socket, uid, containerd.socket()));
      assertThat(run("--config", file.toString()).untilItListens()).isNotEmpty();
      try (CriClient client = CriClient.connect(socket)) {
        assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
            .isEqualTo("containerd");
      }
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
