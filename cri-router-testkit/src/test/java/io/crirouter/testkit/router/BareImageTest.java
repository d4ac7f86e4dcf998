package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.ImageCalls.requestedImages;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * ImageStatus calls without a pod. A kubelet gets the user of an image with such a call, right
 * after the calls for the pod. crictl makes such calls too.
 */
class BareImageTest {
  private static final String ID = "sha256:" + "1".repeat(64);
  private static final String OTHER_ID = "sha256:" + "2".repeat(64);
  private static final String APP = "example.com/app";

  private final Node node = Node.create();
  private final ImageCalls images = new ImageCalls(node.client);

  private void callForVirtletPod(String image) {
    var unused = images.status(ImageCalls.of(Pods.on(VIRTLET, "a"), image));
  }

  private void callForContainerdPod(String image) {
    var unused = images.status(ImageCalls.of(Pods.on(CONTAINERD, "b"), image));
  }

  private static Node sharingNames() {
    return Node.builder().images(ImageStrategy.shared()).build();
  }

  @Test
  void aRecentCallForAPodIsAHint() {
    node.virtlet.putImage(ImageCalls.ofUser(1000, ID, APP + ":latest").build());
    callForVirtletPod(APP + ":latest");

    assertThat(images.status(APP)).as("without :latest, as the pod has it").contains(ID);

    assertThat(requestedImages(node.virtlet, "ImageStatus")).containsExactly(APP + ":latest", APP);
    assertThat(node.containerd.journal().calls()).isEmpty();
  }

  @Test
  void aSecondaryIsNotAskedAfterThePrimaryHasAnswered() {
    node.containerd.putImage(ImageCalls.image(ID, APP + ":latest").build());
    node.virtlet.putImage(ImageCalls.image(ID, APP + ":latest").build());

    assertThat(images.status(ID)).contains(ID);

    assertThat(node.virtlet.journal().callsOf("ImageStatus")).isEmpty();
  }

  @Test
  void aPullIsAHint() {
    images.pull(ImageCalls.bare("cirros:0.6"), Pods.on(VIRTLET, "a"));

    assertThat(images.status("cirros:0.6")).isPresent();
  }

  @Test
  void aHintIsForOneNameOnly() {
    node.virtlet.putImage(ImageCalls.image(ID, APP + ":1", APP + ":2").build());
    callForVirtletPod(APP + ":1");

    assertThat(images.status(APP + ":1")).isPresent();
    assertThat(images.status(APP + ":2")).isEmpty();
    assertThat(images.status(APP)).isEmpty();
  }

  @Test
  void aRegistryPortIsNotATag() {
    node.virtlet.putImage(ImageCalls.image(ID, "localhost:5000/app:latest").build());
    callForVirtletPod("localhost:5000/app:latest");

    assertThat(images.status("localhost:5000/app")).isPresent();
  }

  @Test
  void aHintLastsThirtySeconds() {
    node.virtlet.putImage(ImageCalls.image(ID, APP + ":latest").build());
    callForVirtletPod(APP + ":latest");

    node.clock.advance(Duration.ofSeconds(30));
    assertThat(images.status(APP)).isPresent();

    node.clock.advance(Duration.ofMillis(1));
    assertThat(images.status(APP)).as("without a hint the primary is called").isEmpty();
  }

  @Test
  void theHintPeriodStartsAtTheEndOfTheCall() {
    node.virtlet.delay("PullImage", Duration.ofMinutes(10));
    PullImageRequest pull =
        PullImageRequest.newBuilder()
            .setImage(ImageCalls.bare(APP + ":latest"))
            .setSandboxConfig(Pods.on(VIRTLET, "a"))
            .build();
    RawCall slow = RawCall.start(node.router, "PullImage", pull.toByteString());
    node.clock.advance(Duration.ofMinutes(9));
    assertThat(images.status(APP)).as("during the pull").isPresent();

    node.clock.advance(Duration.ofMinutes(1));
    slow.answer();
    node.clock.advance(Duration.ofSeconds(30));
    assertThat(images.status(APP)).isPresent();

    node.clock.advance(Duration.ofMillis(1));
    assertThat(images.status(APP)).isEmpty();
  }

  @Test
  void aPullWithoutAPodIsNoHint() {
    images.pull(ImageCalls.bare(APP));
    callForVirtletPod(APP + ":latest");

    images.status(APP);

    assertThat(requestedImages(node.virtlet, "ImageStatus")).containsExactly(APP + ":latest", APP);
    assertThat(requestedImages(node.containerd, "ImageStatus")).isEmpty();
  }

  @Test
  void twoRuntimesWithTheSameImageUserAnswerTogether() {
    node.containerd.putImage(ImageCalls.ofUser(1000, ID, APP + ":latest").build());
    node.virtlet.putImage(ImageCalls.ofUser(1000, OTHER_ID, APP + ":latest").build());
    callForVirtletPod(APP + ":latest");
    callForContainerdPod(APP + ":latest");

    assertThat(images.status(APP)).as("the primary's answer first").contains(ID);
    assertThat(requestedImages(node.virtlet, "ImageStatus")).containsExactly(APP + ":latest", APP);
  }

  @Test
  void differentImageUsersAreRefused() {
    node.containerd.putImage(ImageCalls.ofUser(0, ID, APP + ":latest").build());
    node.virtlet.putImage(ImageCalls.ofUser(1000, OTHER_ID, APP + ":latest").build());
    callForVirtletPod(APP + ":latest");
    callForContainerdPod(APP + ":latest");

    assertFails(
        () -> images.status(APP), Code.FAILED_PRECONDITION, APP, "containerd", "virtlet.cloud");
  }

  @Test
  void differentImageUserNamesAreRefused() {
    Image.Builder ofNginx = ImageCalls.image(ID, APP + ":latest").setUsername("nginx");
    node.containerd.putImage(ofNginx.build());
    node.virtlet.putImage(ofNginx.setUsername("root").build());
    callForVirtletPod(APP + ":latest");
    callForContainerdPod(APP + ":latest");

    assertFails(() -> images.status(APP), Code.FAILED_PRECONDITION, "nginx", "root");
  }

  @Test
  void aHintedRuntimeIsNotSkippedDuringAnOutage() {
    Node late = Node.builder().virtletStartsLate().build();
    ImageCalls calls = new ImageCalls(late.client);
    assertFails(
        () -> calls.status(ImageCalls.of(Pods.on(VIRTLET, "a"), APP)), Code.UNAVAILABLE, "virtlet");
    assertFails(() -> calls.status(APP), Code.UNAVAILABLE, "virtlet.cloud");

    calls.status(ImageCalls.of(Pods.on(CONTAINERD, "b"), APP));
    assertFails(() -> calls.status(APP), Code.UNAVAILABLE, "virtlet.cloud");

    late.containerd.putImage(ImageCalls.image(ID, APP + ":latest").build());
    assertFails(() -> calls.status(APP), Code.UNAVAILABLE, "virtlet.cloud");
  }

  /** The DaemonSet that starts a runtime may use the same image as pods on that runtime. */
  @Test
  void theLastKnownImageOfALostRuntimeCounts() {
    node.containerd.putImage(ImageCalls.ofUser(1000, ID, APP + ":latest").build());
    node.virtlet.putImage(ImageCalls.ofUser(1000, OTHER_ID, APP + ":latest").build());
    images.list();
    callForVirtletPod(APP + ":latest");
    callForContainerdPod(APP + ":latest");
    node.virtlet.down();

    assertThat(images.status(APP + ":latest")).contains(ID);
    assertThat(images.status(APP)).as("as the pod has it").contains(ID);
  }

  @Test
  void aLostRuntimeWithAnotherImageUserMakesTheCallUnavailable() {
    node.containerd.putImage(ImageCalls.ofUser(0, ID, APP + ":latest").build());
    node.virtlet.putImage(ImageCalls.ofUser(1000, OTHER_ID, APP + ":latest").build());
    images.list();
    callForVirtletPod(APP + ":latest");
    callForContainerdPod(APP + ":latest");
    node.virtlet.down();

    assertFails(() -> images.status(APP + ":latest"), Code.UNAVAILABLE, "virtlet.cloud");
  }

  @Test
  void aPrefixedNameNeedsNoHint() {
    node.virtlet.pullImage("cirros");

    assertThat(images.status("virtlet.cloud/cirros")).isPresent();

    assertThat(node.containerd.journal().calls()).isEmpty();
  }

  @Test
  void anImageIdIsSearchedAtAllRuntimes() {
    String id = node.virtlet.pullImage("cirros").getId();

    assertThat(images.status(id)).contains(id);
    assertThat(images.status(id.substring(7, 20))).as("shortened").contains(id);
    assertThat(images.status(OTHER_ID)).isEmpty();
  }

  @Test
  void sharedNamesAreSearchedAtAllRuntimesThePrimaryFirst() {
    Node shared = sharingNames();
    ImageCalls calls = new ImageCalls(shared.client);
    shared.containerd.putImage(ImageCalls.image(ID, APP + ":1").build());
    shared.virtlet.putImage(ImageCalls.image(OTHER_ID, APP + ":1", APP + ":2").build());

    assertThat(calls.status(APP + ":1")).contains(ID);
    assertThat(calls.status(APP + ":2")).contains(OTHER_ID);
    assertThat(calls.status(APP + ":3")).isEmpty();
  }

  @Test
  void aRuntimeThatWasNeverSeenHasNoImages() {
    Node late = Node.builder().virtletStartsLate().build();

    assertThat(new ImageCalls(late.client).status(ID)).isEmpty();
  }

  @Test
  void aLostRuntimeMayHaveAnImageThatNoOtherHas() {
    String here = node.containerd.pullImage("nginx").getId();
    String gone = node.virtlet.pullImage("cirros").getId();
    node.virtlet.down();

    assertThat(images.status(here)).contains(here);
    assertFails(() -> images.status(gone), Code.UNAVAILABLE, "virtlet.cloud");
  }

  @Test
  void aFailureOfThePrimaryIsTheResponse() {
    node.containerd.failNext("ImageStatus", RpcStatus.Code.UNKNOWN, "metadata is locked");

    assertFails(() -> images.status(ID), Code.UNKNOWN, "metadata is locked");
  }

  @Test
  void aSearchWaitsForAHungSecondaryWithinItsBudgetUnlessThePrimaryHasTheImage() {
    String here = node.containerd.pullImage("nginx").getId();
    String there = node.virtlet.pullImage("cirros").getId();
    images.list();
    node.virtlet.hang("ImageStatus");

    assertThat(images.status(here)).contains(here);

    RawCall unknown = search(OTHER_ID);
    RawCall listed = search(there);
    node.clock.advance(Duration.ofMillis(4_999));
    assertThat(unknown.isClosed()).isFalse();
    assertThat(listed.isClosed()).isFalse();
    node.clock.advance(Duration.ofMillis(1));
    assertThat(unknown.answer()).as("no runtime listed it").isEqualTo(ByteString.EMPTY);
    assertThat(listed.status().code()).isEqualTo(RpcStatus.Code.UNAVAILABLE);
    assertThat(listed.status().message()).contains("virtlet.cloud", "ImageStatus");
  }

  private RawCall search(String image) {
    return RawCall.start(
        node.router,
        "ImageStatus",
        ImageStatusRequest.newBuilder().setImage(ImageCalls.bare(image)).build().toByteString());
  }
}
