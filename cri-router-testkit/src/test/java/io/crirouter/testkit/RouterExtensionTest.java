package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.BackendName;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.Timeouts;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RouterExtensionTest {
  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder()
          .primary("containerd")
          .secondary("virtlet.cloud", runtime -> runtime.images("cirros"))
          .secondary("late.io")
          .absent("late.io")
          .policy(
              RoutingPolicy.firstOf(
                  RoutingPolicy.annotation("runtime"),
                  RoutingPolicy.hostAccess(BackendName.of("containerd"))))
          .configure(
              builder ->
                  builder.timeouts(
                      Timeouts.builder()
                          .podLists(Duration.ofMillis(50))
                          .otherMerges(Duration.ofMillis(50))
                          .build()))
          .build();

  @CanIgnoreReturnValue
  private String run(String name, String runtime) {
    return router
        .client()
        .runtime()
        .runPodSandbox(
            RunPodSandboxRequest.newBuilder()
                .setConfig(Requests.podConfig(name).toBuilder().putAnnotations("runtime", runtime))
                .build())
        .getPodSandboxId();
  }

  private PodSandboxStatus status(String pod) {
    return router
        .client()
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build())
        .getStatus();
  }

  @Test
  void callsAreRoutedByRuntimeName() {
    run("a", "containerd");
    String pod = run("b", "virtlet.cloud");

    assertThat(router.runtime("containerd").pods()).hasSize(1);
    assertThat(router.runtime("virtlet.cloud").pods()).hasSize(1);
    assertThat(router.runtime("virtlet.cloud").images()).hasSize(1);
    assertThat(pod).startsWith("virt__");
  }

  @Test
  void eachTestHasNewRuntimes() {
    assertThat(router.runtime("containerd").pods()).isEmpty();
    assertThat(router.runtime("virtlet.cloud").pods()).isEmpty();
  }

  @Test
  void socketsExistOnlyOfRunningServers() {
    assertThat(router.socket()).exists();
    assertThat(router.socket("virtlet.cloud")).exists();
    assertThat(router.socket("late.io")).doesNotExist();
    try (CriClient direct = CriClient.connect(router.socket("virtlet.cloud"))) {
      assertThat(direct.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
          .isEqualTo("virtlet.cloud");
    }
  }

  @Test
  void aRestartedRuntimeKeepsItsState() {
    String pod = run("a", "virtlet.cloud");

    router.stop("virtlet.cloud");
    assertFails(() -> status(pod), Status.Code.UNAVAILABLE, "virtlet.cloud");
    router.awaitLost("virtlet.cloud");
    router.start("virtlet.cloud");
    router.awaitReady("virtlet.cloud");

    assertThat(status(pod).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
  }

  @Test
  void thePrimaryCanBeRestarted() {
    String pod = run("a", "containerd");

    router.stop("containerd");
    router.awaitLost("containerd");
    assertFails(() -> status(pod), Status.Code.UNAVAILABLE, "containerd");
    router.start("containerd");
    router.awaitReady("containerd");

    assertThat(status(pod).getId()).isEqualTo(pod);
  }

  @Test
  void anAbsentRuntimeCanBeStarted() {
    router.start("late.io");
    router.awaitReady("late.io");

    assertThat(run("a", "late.io")).startsWith("late__");
  }

  @Test
  void misuseIsRefused() {
    assertThatThrownBy(() -> router.runtime("kata")).hasMessageContaining("kata");
    assertThatThrownBy(() -> router.start("virtlet.cloud")).hasMessageContaining("runs already");
    assertThatThrownBy(() -> router.stop("late.io")).hasMessageContaining("stopped already");
    assertThatIllegalStateException().isThrownBy(() -> RouterExtension.builder().build());
    assertThatIllegalStateException()
        .isThrownBy(() -> RouterExtension.builder().primary("a").absent("b").build());
    assertThatIllegalStateException()
        .isThrownBy(() -> RouterExtension.builder().primary("a").build().client());
  }

  @Test
  void theFolderIsDeletedAfterATest() throws Exception {
    RouterExtension other = RouterExtension.builder().primary("containerd").build();

    other.beforeEach(null);
    Path folder = other.socket().getParent();
    assertThat(folder).isDirectory();
    other.afterEach(null);

    assertThat(folder).doesNotExist();
    assertThat(Files.exists(router.socket())).as("the router of this test").isTrue();
  }
}
