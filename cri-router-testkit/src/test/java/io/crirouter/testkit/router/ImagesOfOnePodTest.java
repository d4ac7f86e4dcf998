package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.ImageCalls.requestedImages;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageView;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ImageStatus, PullImage and CreateContainer of a pod use the images of one runtime. */
class ImagesOfOnePodTest {
  private static final String PRIMARY = "containerd";
  private static final String VIRTLET = "virtlet.cloud";
  private static final String KATA = "kata";

  private final AtomicReference<RoutingPolicy> policy =
      new AtomicReference<>(RoutingPolicy.annotation());
  private final RoutingPolicy changeable =
      new RoutingPolicy() {
        @Override
        public Optional<BackendName> forPod(PodView pod) {
          return policy.get().forPod(pod);
        }

        @Override
        public Optional<BackendName> forImage(ImageView image) {
          return policy.get().forImage(image);
        }
      };
  private final SimulatedNode node =
      SimulatedNode.of(PRIMARY, VIRTLET, KATA)
          .configured(builder -> builder.policy(changeable))
          .startRouter();
  private final ImageCalls images = new ImageCalls(node.client());

  @AfterEach
  void stop() {
    node.close();
  }

  private String run(PodSandboxConfig.Builder pod) {
    return node.client()
        .runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
        .getPodSandboxId();
  }

  private String create(String pod, String image) {
    return node.client()
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(pod)
                .setConfig(Pods.container("main", image))
                .build())
        .getContainerId();
  }

  private void assertOnlyCalled(String runtime, String rpc, String... names) {
    for (String each : List.of(PRIMARY, VIRTLET, KATA)) {
      FakeRuntime fake = node.runtime(each);
      assertThat(requestedImages(fake, rpc))
          .as(each)
          .containsExactly(each.equals(runtime) ? names : new String[0]);
    }
  }

  /** Gets the image status, pulls the image and creates the container, like a kubelet. */
  private void assertThatAllStepsReach(
      String runtime, PodSandboxConfig.Builder pod, String sandbox, String name, String nameThere) {
    ImageSpec spec = ImageCalls.of(pod, name);
    node.runtime(runtime).journal().clear();

    assertThat(images.status(spec)).isEmpty();
    String ref = images.pull(spec, pod);
    assertThat(images.status(spec)).contains(ref);
    create(sandbox, ref);

    assertOnlyCalled(runtime, "ImageStatus", nameThere, nameThere);
    assertOnlyCalled(runtime, "PullImage", nameThere);
    assertThat(node.runtime(runtime).containers()).hasSize(1);
  }

  @Test
  void aRunningPodWhoseAnnotationChangedKeepsItsRuntime() {
    PodSandboxConfig.Builder pod = Pods.on(VIRTLET, "a");
    String sandbox = run(pod);

    PodSandboxConfig.Builder changed =
        pod.putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, PRIMARY);

    assertThatAllStepsReach(VIRTLET, changed, sandbox, "cirros:latest", "cirros:latest");
  }

  @Test
  void aRunningPodWhoseAnnotationWasRemovedKeepsItsRuntime() {
    PodSandboxConfig.Builder pod = Pods.on(KATA, "a");
    String sandbox = run(pod);

    PodSandboxConfig.Builder changed =
        pod.removeAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION);

    assertThatAllStepsReach(KATA, changed, sandbox, "kata/cirros:latest", "cirros:latest");
  }

  @Test
  void aRunningPodKeepsItsRuntimeWithAnotherImagePolicy() {
    PodSandboxConfig.Builder pod = Pods.on(VIRTLET, "a");
    String sandbox = run(pod);
    policy.set(imagePolicyTo(KATA));

    assertThatAllStepsReach(VIRTLET, pod, sandbox, "cirros:latest", "cirros:latest");
  }

  private static RoutingPolicy imagePolicyTo(String runtime) {
    return new RoutingPolicy() {
      @Override
      public Optional<BackendName> forPod(PodView pod) {
        return Optional.of(BackendName.of(VIRTLET));
      }

      @Override
      public Optional<BackendName> forImage(ImageView image) {
        return Optional.of(BackendName.of(runtime));
      }
    };
  }

  @Test
  void theImagePolicyAppliesToPodsThatAreNotPlaced() {
    policy.set(imagePolicyTo(KATA));
    PodSandboxConfig.Builder pod = Pods.plain("a");
    ImageSpec spec = ImageCalls.of(pod, "cirros:latest");

    assertThat(images.status(spec)).isEmpty();
    String ref = images.pull(spec, pod);

    assertThat(images.status(spec)).contains(ref);
    assertOnlyCalled(KATA, "ImageStatus", "cirros:latest", "cirros:latest");
    assertOnlyCalled(KATA, "PullImage", "cirros:latest");
  }

  @Test
  void aPrefixWithoutADotIsPartOfTheNameForAPlainPod() {
    PodSandboxConfig.Builder pod = Pods.plain("a");

    assertThatAllStepsReach(PRIMARY, pod, run(pod), "kata/agent:latest", "kata/agent:latest");
  }

  @Test
  void aPrefixWithoutADotOfAnotherSecondaryIsPartOfTheName() {
    PodSandboxConfig.Builder pod = Pods.on(VIRTLET, "a");

    assertThatAllStepsReach(VIRTLET, pod, run(pod), "kata/agent:latest", "kata/agent:latest");
  }

  @Test
  void containersOfPlainPodsUseNamesWithSuchPrefixes() {
    node.runtime(PRIMARY).pullImage("kata/agent");

    String container = create(run(Pods.plain("a")), "kata/agent");

    assertThat(container).doesNotContain("__");
  }

  @ParameterizedTest
  @ValueSource(strings = {KATA, VIRTLET})
  void thePrefixOfThePodsRuntimeIsRemoved(String runtime) {
    PodSandboxConfig.Builder pod = Pods.on(runtime, "a");

    assertThatAllStepsReach(runtime, pod, run(pod), runtime + "/cirros:latest", "cirros:latest");
  }

  @ParameterizedTest
  @ValueSource(strings = {PRIMARY, KATA})
  void aPrefixWithADotOfAnotherRuntimeIsRefused(String runtime) {
    PodSandboxConfig.Builder pod = runtime.equals(PRIMARY) ? Pods.plain("a") : Pods.on(KATA, "a");
    String sandbox = run(pod);
    String name = "virtlet.cloud/cirros:latest";

    assertFails(
        () -> images.status(ImageCalls.of(pod, name)), Code.FAILED_PRECONDITION, name, VIRTLET);
    assertFails(
        () -> images.pull(ImageCalls.of(pod, name), pod), Code.FAILED_PRECONDITION, name, VIRTLET);
    assertFails(() -> create(sandbox, name), Code.FAILED_PRECONDITION, name, VIRTLET);
    assertOnlyCalled("", "ImageStatus");
    assertOnlyCalled("", "PullImage");
  }

  @Test
  void aBareNameWithAPrefixIsRoutedToThatRuntime() {
    node.runtime(KATA).pullImage("agent");

    assertThat(images.status("kata/agent")).isPresent();

    assertOnlyCalled(KATA, "ImageStatus", "agent");
  }

  @Test
  void aBareNameFollowsARecentCallForAPod() {
    PodSandboxConfig.Builder pod = Pods.plain("a");
    String ref = images.pull(ImageCalls.of(pod, "kata/agent:latest"), pod);

    assertThat(images.status("kata/agent")).as("for its user").contains(ref);
    assertOnlyCalled(PRIMARY, "ImageStatus", "kata/agent");

    node.advance(Duration.ofSeconds(31));
    assertThat(images.status("kata/agent")).as("half a minute later").isEmpty();
    assertThat(requestedImages(node.runtime(KATA), "ImageStatus")).containsExactly("agent");
  }

  @Test
  void aBareNameWithADottedPrefixNeedsNoHint() {
    node.virtlet().pullImage("cirros");
    PodSandboxConfig.Builder pod = Pods.plain("a");
    assertFails(
        () -> images.status(ImageCalls.of(pod, "virtlet.cloud/cirros:latest")),
        Code.FAILED_PRECONDITION,
        VIRTLET);

    assertThat(images.status("virtlet.cloud/cirros")).isPresent();
  }
}
