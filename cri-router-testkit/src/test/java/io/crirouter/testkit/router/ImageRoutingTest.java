package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.ImageCalls.requestedImages;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.AuthConfig;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.Mount;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PullImageRequest;
import io.grpc.Status.Code;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Image calls of a kubelet for a pod go to exactly one runtime. If another runtime reported the
 * image as present, the kubelet would skip the pull and the container could not be created.
 */
class ImageRoutingTest {
  private final Node node = Node.create();
  private final ImageCalls images = new ImageCalls(node.client);

  @Test
  void imageCallsOfAnAnnotatedPodGoToItsRuntime() {
    node.virtlet.pullImage("cirros");

    assertThat(images.status(ImageCalls.of(Pods.on(VIRTLET, "a"), "cirros:latest"))).isPresent();

    assertThat(requestedImages(node.virtlet, "ImageStatus")).containsExactly("cirros:latest");
    assertThat(node.containerd.journal().calls()).isEmpty();
  }

  @Test
  void imagesOfOtherRuntimesDoNotCount() {
    node.containerd.pullImage("nginx");

    assertThat(images.status(ImageCalls.of(Pods.on(VIRTLET, "a"), "nginx:latest"))).isEmpty();
    assertThat(images.status(ImageCalls.of(Pods.on(CONTAINERD, "b"), "nginx:latest"))).isPresent();
  }

  @Test
  void imageCallsOfAPlainPodGoToThePrimary() {
    node.virtlet.pullImage("cirros");

    assertThat(images.status(ImageCalls.of(Pods.plain("a"), "cirros:latest"))).isEmpty();

    assertThat(node.virtlet.journal().calls()).isEmpty();
  }

  @Test
  void aPlainPodIsRefusedAPrefixWithADot() {
    ImageSpec spec = ImageCalls.of(Pods.plain("a"), "virtlet.cloud/cirros");

    assertFails(
        () -> images.status(spec), Code.FAILED_PRECONDITION, "virtlet.cloud/cirros", "containerd");

    assertThat(node.virtlet.journal().calls()).isEmpty();
    assertThat(node.containerd.journal().calls()).isEmpty();
  }

  @Test
  void theAnnotationPrecedesThePrefixOfTheName() {
    ImageSpec spec = ImageCalls.of(Pods.on(CONTAINERD, "a"), "virtlet.cloud/cirros");

    assertFails(
        () -> images.status(spec), Code.FAILED_PRECONDITION, "virtlet.cloud/cirros", "containerd");

    assertThat(node.virtlet.journal().calls()).isEmpty();
  }

  @Test
  void aPlacedPodIsFoundByConfigSeen() {
    Node byHandler =
        Node.builder()
            .policy(RoutingPolicy.runtimeHandler(Map.of("vm", VIRTLET)))
            .virtlet(fake -> fake.runtimeHandler("vm"))
            .build();
    PodSandboxConfig.Builder pod = Pods.plain("a");
    byHandler.run(pod, "vm");
    byHandler.virtlet.pullImage("cirros");

    assertThat(new ImageCalls(byHandler.client).status(ImageCalls.of(pod, "cirros:latest")))
        .as("the kubelet does not tell the handler")
        .isPresent();
    assertThat(
            new ImageCalls(byHandler.client)
                .status(ImageCalls.of(Pods.plain("b"), "cirros:latest")))
        .as("a pod that was seen at another moment")
        .isEmpty();
  }

  @Test
  void withoutAHintThePolicyDecidesAsForAPlainPod() {
    Node forVms = Node.withPolicy(RoutingPolicy.always(VIRTLET));
    forVms.virtlet.pullImage("cirros");

    assertThat(
            new ImageCalls(forVms.client).status(ImageCalls.of(Pods.plain("a"), "cirros:latest")))
        .isPresent();
    assertThat(forVms.containerd.journal().calls()).isEmpty();
  }

  @Test
  void aPlainPodGetsItsImageWhenAnotherRuntimeIsLost() {
    node.virtlet.down();

    assertThatAPlainPodGetsItsImage();
  }

  @Test
  void aPlainPodGetsItsImageWhenAnotherRuntimeHangs() {
    node.virtlet.hang();

    assertThatAPlainPodGetsItsImage();
  }

  /** Makes the calls of a kubelet: for the pod with the normalized name, then for the user. */
  private void assertThatAPlainPodGetsItsImage() {
    PodSandboxConfig.Builder pod = Pods.plain("a");
    ImageSpec image = ImageCalls.of(pod, "nginx:latest");
    node.virtlet.journal().clear();

    assertThat(images.status(image)).isEmpty();
    String ref = images.pull(image, pod);
    assertThat(images.status(image)).contains(ref);
    assertThat(images.status("nginx")).contains(ref);

    assertThat(node.virtlet.journal().calls()).as("no other runtime is called").isEmpty();
  }

  @Test
  void anUnknownTargetIsRefusedWithTheKnownNames() {
    ImageSpec spec = ImageCalls.of(Pods.on("kata", "a"), "nginx:latest");

    assertFails(
        () -> images.status(spec), Code.FAILED_PRECONDITION, "kata", "containerd, virtlet.cloud");
    assertFails(() -> images.pull(spec), Code.FAILED_PRECONDITION, "kata");
  }

  @Test
  void aLostRuntimeIsNotSkipped() {
    Node late = Node.builder().virtletStartsLate().build();
    ImageSpec spec = ImageCalls.of(Pods.on(VIRTLET, "a"), "busybox:latest");

    assertFails(() -> new ImageCalls(late.client).status(spec), Code.UNAVAILABLE, "virtlet.cloud");
  }

  @Test
  void pullsAreRoutedByTheSandboxConfig() {
    PodSandboxConfig.Builder pod = Pods.on(VIRTLET, "a");

    String ref = images.pull(ImageCalls.bare("cirros"), pod);

    assertThat(requestedImages(node.virtlet, "PullImage")).containsExactly("cirros");
    assertThat(node.containerd.journal().calls()).isEmpty();
    assertThat(images.status(ImageCalls.of(pod, ref))).as("the ref is the id").contains(ref);
  }

  @Test
  void pullsFollowThePlacementOfThePod() {
    AtomicReference<Optional<BackendName>> choice = new AtomicReference<>(Optional.of(VIRTLET));
    Node changing = Node.withPolicy(pod -> choice.get());
    PodSandboxConfig.Builder pod = Pods.plain("a");
    changing.run(pod);
    choice.set(Optional.of(CONTAINERD));

    new ImageCalls(changing.client).pull(ImageCalls.of(pod, "cirros:latest"), pod);

    assertThat(requestedImages(changing.virtlet, "PullImage")).containsExactly("cirros:latest");
  }

  @Test
  void pullsHaveTheDeadlineAndRequestOfTheCaller() {
    PullImageRequest request =
        PullImageRequest.newBuilder()
            .setImage(ImageCalls.bare("cirros"))
            .setAuth(AuthConfig.newBuilder().setUsername("u").setPassword("p"))
            .setSandboxConfig(Pods.on(VIRTLET, "a"))
            .build();

    var unused = node.client.images().pullImage(request);

    assertThat(node.virtlet.journal().callsOf("PullImage"))
        .singleElement()
        .satisfies(call -> assertThat(call.timeoutNanos()).isEqualTo(CriRequest.NO_TIMEOUT))
        .satisfies(call -> assertThat(call.request()).isEqualTo(request));
  }

  @Test
  void aFailedPullFails() {
    node.virtlet.failNext("PullImage", RpcStatus.Code.NOT_FOUND, "no such image");

    assertFails(
        () -> images.pull(ImageCalls.of(Pods.on(VIRTLET, "a"), "cirros")),
        Code.NOT_FOUND,
        "no such image");
  }

  @Test
  void aPodCannotPullByThePrefixOfAnotherRuntime() {
    PodSandboxConfig.Builder pod = Pods.on(CONTAINERD, "a");

    assertFails(
        () -> images.pull(ImageCalls.of(pod, "virtlet.cloud/cirros"), pod),
        Code.FAILED_PRECONDITION,
        "virtlet.cloud/cirros",
        "containerd");

    assertThat(node.virtlet.journal().calls()).isEmpty();
  }

  private String create(String pod, ContainerConfig.Builder config) {
    return node.client
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder().setPodSandboxId(pod).setConfig(config).build())
        .getContainerId();
  }

  @Test
  void containersUseTheIdOrTheNameOfTheirRuntime() {
    String id = node.virtlet.pullImage("cirros").getId();
    String pod = node.runOnVirtlet("a");

    assertThat(create(pod, Pods.container("by-id", id))).startsWith("virt__");
    assertThat(create(pod, Pods.container("by-name", "virtlet.cloud/cirros"))).startsWith("virt__");
    assertThat(create(pod, Pods.container("by-bare-name", "cirros"))).startsWith("virt__");
  }

  @Test
  void aContainerCannotUseThePrefixOfAnotherRuntime() {
    String pod = node.runOnContainerd("a");
    node.containerd.journal().clear();
    ContainerConfig.Builder mounting =
        Pods.container("b", "busybox")
            .addMounts(
                Mount.newBuilder()
                    .setContainerPath("/data")
                    .setImage(ImageCalls.bare("virtlet.cloud/cirros")));

    assertFails(
        () -> create(pod, Pods.container("a", "virtlet.cloud/cirros")),
        Code.FAILED_PRECONDITION,
        "virtlet.cloud/cirros",
        "containerd");
    assertFails(() -> create(pod, mounting), Code.FAILED_PRECONDITION, "virtlet.cloud/cirros");
    assertThat(node.containerd.journal().calls()).isEmpty();
  }
}
