package io.crirouter.testkit.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ExecSyncResponse;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ExecSync in containers of both runtimes. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class ExecSyncE2eTest extends WithSharedPair {

  @ParameterizedTest
  @EnumSource
  void stdoutStderrAndTheExitCodeAreReturned(Side side) {
    ExecSyncResponse answer =
        pod(side).exec(container(side), "sh", "-c", "echo $SAID_BY; echo oops >&2; exit 7");

    assertThat(answer.getStdout().toString(UTF_8)).isEqualTo("kubelet\n");
    assertThat(answer.getStderr().toString(UTF_8)).isEqualTo("oops\n");
    assertThat(answer.getExitCode()).isEqualTo(7);
  }

  @ParameterizedTest
  @EnumSource
  void binaryOutputAboveTheDefaultGrpcLimitIsComplete(Side side) throws IOException {
    ByteString once = ByteString.copyFrom(Files.readAllBytes(Path.of("/bin/busybox")));
    ByteString fourTimes = once.concat(once).concat(once).concat(once);
    assertThat(fourTimes.size()).isGreaterThan(6 << 20);

    ExecSyncResponse answer =
        pod(side)
            .exec(
                container(side),
                "cat",
                "/bin/busybox",
                "/bin/busybox",
                "/bin/busybox",
                "/bin/busybox");

    assertThat(answer.getStdout().equals(fourTimes)).as("the output is the file").isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aTimedOutCommandFailsAsAtTheRuntime(Side side) {
    ExecSyncRequest.Builder request =
        ExecSyncRequest.newBuilder().addAllCmd(List.of("sleep", "61")).setTimeout(1);

    ExecSyncRequest directRequest = request.setContainerId(ownContainer(side)).build();
    CompletableFuture<Outcome> direct =
        CompletableFuture.supplyAsync(() -> exec(direct(side), directRequest));
    Outcome proxied = exec(proxy(), request.setContainerId(container(side)).build());

    assertThat(proxied).isEqualTo(direct.join());
    assertThat(proxied.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    awaitEndOf("sleep 61", side);
  }

  @ParameterizedTest
  @EnumSource
  void aCommandIsKilledWhenTheCallIsCancelled(Side side) {
    CriClient withShortDeadline = proxy().withDeadline(Duration.ofMillis(500));

    Outcome outcome =
        exec(
            withShortDeadline,
            ExecSyncRequest.newBuilder()
                .setContainerId(container(side))
                .addAllCmd(List.of("sleep", "62"))
                .build());

    assertThat(outcome.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    awaitEndOf("sleep 62", side);
  }

  private static Outcome exec(CriClient client, ExecSyncRequest request) {
    return Outcome.of(() -> client.runtime().execSync(request));
  }

  private void awaitEndOf(String command, Side side) {
    Await.until(
        "end of '" + command + "'",
        () -> pod(side).exec(container(side), "ps").getStdout().toString(UTF_8),
        processes -> !processes.contains(command));
  }
}
