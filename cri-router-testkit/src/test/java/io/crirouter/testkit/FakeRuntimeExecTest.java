package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.AttachRequest;
import io.crirouter.proto.v1.ExecRequest;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ExecSyncResponse;
import io.crirouter.proto.v1.PortForwardRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FakeRuntimeExecTest {
  private final ManualScheduler time = new ManualScheduler();
  private final FakeRuntime runtime =
      FakeRuntime.named("containerd").scheduler(time).images("busybox").build();
  private final CriClient client = CriClient.of(runtime);
  private String pod = "";

  @BeforeEach
  void runPod() {
    pod = Requests.runPod(client, "web");
  }

  @Test
  void defaultCommandsWork() {
    String id = Requests.startNew(client, pod, "app");

    assertThat(run(id, 0, "echo", "hello", "world").getStdout().toStringUtf8())
        .isEqualTo("hello world\n");
    assertThat(run(id, 0, "false").getExitCode()).isEqualTo(1);
    assertThat(run(id, 0, "sh", "-c", "exit 42").getExitCode()).isEqualTo(42);
    assertThat(run(id, 0, "nosuch").getExitCode()).isEqualTo(127);
    assertThat(run(id, 0, "nosuch").getStderr().toStringUtf8()).contains("nosuch");
  }

  @Test
  void aCommandCanBeScripted() {
    String id = Requests.startNew(client, pod, "app");
    runtime.onExecSync(
        request -> new ExecResult("", request.getCmd(0) + " is ill", 3, Duration.ZERO));

    ExecSyncResponse response = run(id, 0, "probe");

    assertThat(response.getExitCode()).isEqualTo(3);
    assertThat(response.getStderr().toStringUtf8()).isEqualTo("probe is ill");
  }

  @Test
  void aCommandHasADurationAndIsKilledAtItsTimeout() {
    String id = Requests.startNew(client, pod, "app");
    ResponseStream<ExecSyncResponse> unlimited = sleep(id, 0);
    ResponseStream<ExecSyncResponse> limited = sleep(id, 2);

    time.advance(Duration.ofSeconds(2));
    assertThat(limited.awaitEnd().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(unlimited.poll()).isEmpty();

    time.advance(Duration.ofSeconds(1));
    assertThat(unlimited.next().getExitCode()).isZero();
  }

  @Test
  void commandsNeedARunningContainer() {
    String id = Requests.create(client, pod, "app");

    assertFails(() -> run(id, 0, "true"), Code.UNKNOWN, "CONTAINER_CREATED");
    assertFails(() -> run("gone", 0, "true"), Code.NOT_FOUND, "gone");
    assertFails(() -> client.runtime().exec(exec(id).build()), Code.UNKNOWN, id);
  }

  @Test
  void streamUrlsHaveTheConfiguredPrefix() {
    for (String prefix : List.of("http://127.0.0.1:10010", "//127.0.0.1:4000", "")) {
      CriClient streaming =
          CriClient.of(FakeRuntime.named("vm").images("busybox").streamUrlPrefix(prefix).build());
      String podId = Requests.runPod(streaming, "web");
      String id = Requests.startNew(streaming, podId, "app");

      assertThat(streaming.runtime().exec(exec(id).build()).getUrl()).startsWith(prefix + "/exec/");
      assertThat(
              streaming
                  .runtime()
                  .attach(AttachRequest.newBuilder().setContainerId(id).setStdout(true).build())
                  .getUrl())
          .startsWith(prefix + "/attach/");
      assertThat(
              streaming
                  .runtime()
                  .portForward(
                      PortForwardRequest.newBuilder().setPodSandboxId(podId).addPort(80).build())
                  .getUrl())
          .startsWith(prefix + "/portforward/");
    }
  }

  @Test
  void invalidCombinationsOfStreamsAreRefused() {
    String id = Requests.startNew(client, pod, "app");

    assertFails(
        () -> client.runtime().exec(ExecRequest.newBuilder().setContainerId(id).build()),
        Code.INVALID_ARGUMENT,
        "stdin");
    assertFails(
        () -> client.runtime().exec(exec(id).setTty(true).setStderr(true).build()),
        Code.INVALID_ARGUMENT,
        "tty");
  }

  private static ExecRequest.Builder exec(String id) {
    return ExecRequest.newBuilder().setContainerId(id).addCmd("sh").setStdout(true);
  }

  private ExecSyncResponse run(String id, long timeout, String... command) {
    return client.runtime().execSync(command(id, timeout, command));
  }

  private ResponseStream<ExecSyncResponse> sleep(String id, long timeout) {
    return client.stream(
        RuntimeServiceGrpc.getExecSyncMethod(), command(id, timeout, "sleep", "3"));
  }

  private static ExecSyncRequest command(String id, long timeout, String... command) {
    return ExecSyncRequest.newBuilder()
        .setContainerId(id)
        .setTimeout(timeout)
        .addAllCmd(List.of(command))
        .build();
  }
}
