package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeHandler;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.CriClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fake and demo commands, which serve until they are stopped. */
class FakeCommandTest {
  private static final Pattern CRICTL =
      Pattern.compile("crictl --runtime-endpoint unix://(/\\S+) \\w+");

  private final List<ProxyProcess> processes = new ArrayList<>();
  @TempDir private Path folder;

  @AfterEach
  void killWhatIsLeft() {
    processes.forEach(ProxyProcess::close);
  }

  private ProxyProcess start(String command, String... options) throws IOException {
    ProxyProcess process = ProxyProcess.command(command, options);
    processes.add(process);
    return process;
  }

  /** The socket in the printed crictl command. */
  private static Path socketIn(String output) {
    Matcher line = CRICTL.matcher(output);
    assertThat(line.find()).as("a line to try in %s", output).isTrue();
    return Path.of(line.group(1));
  }

  @Test
  void aFakeRuntimeServesUntilItIsStopped() throws Exception {
    Path socket = folder.resolve("fake.sock");
    ProxyProcess fake =
        start(
            "fake",
            "--socket=unix://" + socket,
            "--name=vm.example",
            "--image=busybox",
            "--handler=vm");
    String output = fake.until("crictl");

    assertThat(output).contains("vm.example 1.0.0", socket.toString());
    assertThat(socketIn(output)).isEqualTo(socket);
    try (CriClient client = CriClient.connect(socket)) {
      assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
          .isEqualTo("vm.example");
      assertThat(client.images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList())
          .hasSize(1);
      assertThat(
              client.runtime().status(StatusRequest.getDefaultInstance()).getRuntimeHandlersList())
          .extracting(RuntimeHandler::getName)
          .containsExactly("", "vm");
    }
    fake.terminate();

    assertThat(fake.awaitExit()).isZero();
    assertThat(Files.exists(socket)).isFalse();
  }

  @Test
  void aFakeRuntimeAnswersLikeTheOneAskedFor() throws Exception {
    Path socket = folder.resolve("fake.sock");

    assertThat(start("fake", "--socket=" + socket, "--like=containerd-1.6").until("crictl"))
        .contains("containerd 1.6.");
  }

  @Test
  void theDemoKeepsItsPodsUntilItIsStopped() throws Exception {
    ProxyProcess demo = start("demo", "--keep");
    String output = demo.until("crictl");

    assertThat(output)
        .contains("calls went where they should, and both pods still run")
        .doesNotContain("WRONG", "gone again");
    Path socket = socketIn(output);
    try (CriClient client = CriClient.connect(socket)) {
      assertThat(
              client
                  .runtime()
                  .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                  .getItemsList())
          .extracting(pod -> pod.getMetadata().getName())
          .containsExactlyInAnyOrder("web", "vm");
      // crictl ps shows the pod of a container from this label, which a kubelet sets.
      assertThat(
              client
                  .runtime()
                  .listContainers(ListContainersRequest.getDefaultInstance())
                  .getContainersList())
          .extracting(container -> container.getLabelsMap().get("io.kubernetes.pod.name"))
          .containsExactlyInAnyOrder("web", "vm");
    }
    demo.terminate();

    assertThat(demo.awaitExit()).isZero();
    assertThat(socket.getParent()).doesNotExist();
  }
}
