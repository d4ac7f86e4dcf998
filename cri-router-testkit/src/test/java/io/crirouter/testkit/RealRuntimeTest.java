package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.RecordedScenario.Setting;
import io.grpc.Status.Code;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fakes that imitate a real runtime. {@link RecordingE2eTest} compares the recordings with it. */
class RealRuntimeTest {
  private static ObservedRuntime play(FakeRuntime runtime) {
    try (CriClient client = CriClient.of(runtime)) {
      return RecordedScenario.play(
          new Setting(client, "registry.test/busybox:1", PodSandboxConfig.getDefaultInstance()));
    }
  }

  private static List<String> recording(RealRuntime runtime) throws IOException {
    try (InputStream text = RealRuntime.class.getResourceAsStream(runtime + ".recording")) {
      return new String(text.readAllBytes(), UTF_8).lines().toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFakeAnswersAsRecorded(RealRuntime runtime) throws IOException {
    FakeRuntime fake = FakeRuntime.named("containerd").like(runtime).build();

    List<String> answered = RecordingText.of(play(fake), play(RecordedScenario.plainFake()));

    assertThat(answered).isEqualTo(recording(runtime));
  }

  @Test
  void containerd16LacksNewerRpcsAndFields() {
    FakeRuntime old = FakeRuntime.containerd1_6().build();
    try (CriClient client = CriClient.of(old)) {
      assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeVersion())
          .startsWith("1.6.");
      assertThat(client.runtime().status(StatusRequest.getDefaultInstance()))
          .matches(status -> status.getRuntimeHandlersCount() == 0);
      assertThat(client.events().awaitEnd().getCode()).isEqualTo(Code.UNIMPLEMENTED);
    }
  }

  @Test
  void errorsHaveTheTextOfTheRuntimeAndTheIdsOfTheCall() {
    try (CriClient client = CriClient.of(FakeRuntime.containerd2_1().build())) {
      assertFails(
          () ->
              client
                  .runtime()
                  .execSync(ExecSyncRequest.newBuilder().setContainerId("0123").build()),
          Code.NOT_FOUND,
          "failed to exec in container: failed to find container \"0123\" in store: not found");
      assertFails(
          () ->
              client
                  .runtime()
                  .podSandboxStatus(
                      PodSandboxStatusRequest.newBuilder().setPodSandboxId("0123").build()),
          Code.NOT_FOUND,
          "an error occurred when try to find sandbox: not found");
    }
  }

  @Test
  void aPresetCanBeOverridden() {
    FakeRuntime runtime =
        FakeRuntime.named("special")
            .like(RealRuntime.CONTAINERD_2_1)
            .version("2.1.99")
            .without("GetContainerEvents")
            .build();
    try (CriClient client = CriClient.of(runtime)) {
      assertThat(client.runtime().version(VersionRequest.getDefaultInstance()))
          .matches(version -> version.getRuntimeName().equals("containerd"))
          .matches(version -> version.getRuntimeVersion().equals("2.1.99"));
      assertThat(client.events().awaitEnd().getCode()).isEqualTo(Code.UNIMPLEMENTED);
    }
    assertThat(runtime.address()).contains("special");
  }
}
