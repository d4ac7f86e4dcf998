package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.AttachRequest;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ExecRequest;
import io.crirouter.proto.v1.PortForwardRequest;
import io.crirouter.testkit.containerd.ContainerdLine;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The stream urls of both runtimes work through the router. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class StreamingE2eTest extends WithSharedPair {
  private static final String PAGE = "http://127.0.0.1:8080/page";

  @ParameterizedTest
  @EnumSource
  void aCommandReadsStdinAndItsOutputsAreSeparate(Side side) {
    ExecRequest request =
        ExecRequest.newBuilder()
            .setContainerId(container(side))
            .addAllCmd(List.of("sh", "-c", "read line; echo got $line; echo oops >&2; exit 5"))
            .setStdin(true)
            .setStdout(true)
            .setStderr(true)
            .build();

    try (StreamingClient stream = StreamingClient.open(proxy().runtime().exec(request).getUrl())) {
      stream.send(StreamingClient.STDIN, "a line for " + side + "\n");

      assertThat(stream.readAll(StreamingClient.STDOUT)).isEqualTo("got a line for " + side + "\n");
      assertThat(stream.readAll(StreamingClient.STDERR)).isEqualTo("oops\n");
      assertThat(stream.readAll(StreamingClient.RESULT))
          .contains("\"Failure\"", "NonZeroExitCode", "\"5\"");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTtyIsATerminal(Side side) {
    ExecRequest request =
        ExecRequest.newBuilder()
            .setContainerId(container(side))
            .addAllCmd(List.of("tty"))
            .setTty(true)
            .setStdin(true)
            .setStdout(true)
            .build();

    try (StreamingClient stream = StreamingClient.open(proxy().runtime().exec(request).getUrl())) {
      assertThat(stream.readAll(StreamingClient.STDOUT)).startsWith("/dev/pts/");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAttachedClientIsConnectedToTheFirstProcess(Side side) {
    ContainerConfig.Builder echo =
        PodSpecs.container("echo", "trap exit TERM; while read line; do echo heard $line; done")
            .setStdin(true);
    KubeletPod pod = KubeletPod.run(pair(), side, "attached");
    String container = pod.start(echo);
    AttachRequest request =
        AttachRequest.newBuilder()
            .setContainerId(container)
            .setStdin(true)
            .setStdout(true)
            .setStderr(true)
            .build();

    try (StreamingClient stream =
        StreamingClient.open(proxy().runtime().attach(request).getUrl())) {
      stream.send(StreamingClient.STDIN, "the test\n");
      assertThat(stream.read(StreamingClient.STDOUT, text -> text.endsWith("\n")))
          .isEqualTo("heard the test\n");
    }
    pod.delete();
  }

  @ParameterizedTest
  @EnumSource
  void aForwardedPortReachesAServerInThePod(Side side) {
    String page = "page of " + side;
    KubeletPod pod = KubeletPod.run(pair(), side, "served");
    pod.start(
        PodSpecs.container(
            "server",
            "trap exit TERM; echo " + page + " > /tmp/page; httpd -f -p 8080 -h /tmp & wait"));
    awaitServer(pod);
    PortForwardRequest request =
        PortForwardRequest.newBuilder().setPodSandboxId(pod.id()).addPort(8080).build();

    String url = proxy().runtime().portForward(request).getUrl();
    try (StreamingClient stream = StreamingClient.open(url + "?port=8080")) {
      stream.send(0, "GET /page HTTP/1.0\r\n\r\n");

      assertThat(stream.read(0, text -> text.contains(page))).contains("HTTP/1.1 200 OK");
    }
    pod.delete();
  }

  /** Waits for the server, because a runtime refuses to forward to a closed port. */
  private static void awaitServer(KubeletPod pod) {
    Await.until(
        "server in the pod",
        () -> pod.exec(pod.container(), "wget", "-q", "-O", "-", PAGE).getExitCode(),
        code -> code == 0);
  }
}
