package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.ImageCalls.requestedImages;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.Status.Code;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** RemoveImage, which kubelets call once for each image id. */
class RemoveImageTest {
  private final Node node = Node.create();
  private final ImageCalls images = new ImageCalls(node.client);

  private static String busybox(FakeRuntime runtime) {
    return runtime.images().get(0).getId();
  }

  @Test
  void removalByIdGoesToAllHolders() {
    images.remove(busybox(node.containerd));

    assertThat(node.containerd.images()).isEmpty();
    assertThat(node.virtlet.images()).isEmpty();
  }

  @Test
  void removalByShortenedIdGoesToAllHolders() {
    images.remove(busybox(node.containerd).substring(7, 20));

    assertThat(node.containerd.images()).isEmpty();
    assertThat(node.virtlet.images()).isEmpty();
  }

  @Test
  void runtimesWithoutTheImageAreNotCalled() {
    String id = node.virtlet.pullImage("cirros").getId();

    images.remove(id);

    assertThat(node.virtlet.images()).extracting(Image::getId).doesNotContain(id);
    assertThat(node.containerd.journal().callsOf("RemoveImage")).isEmpty();
    assertThat(requestedImages(node.virtlet, "RemoveImage")).containsExactly(id);
  }

  @Test
  void removalOfAnAbsentImageSucceeds() {
    images.remove("sha256:" + "0".repeat(64));

    assertThat(node.containerd.journal().callsOf("RemoveImage")).isEmpty();
    assertThat(node.virtlet.journal().callsOf("RemoveImage")).isEmpty();
  }

  @Test
  void removalByNameGoesToOneRuntime() {
    images.remove("virtlet.cloud/busybox");
    assertThat(node.virtlet.images()).isEmpty();
    assertThat(node.containerd.images()).hasSize(1);
    assertThat(node.containerd.journal().calls()).isEmpty();

    images.remove("busybox");
    assertThat(node.containerd.images()).isEmpty();
  }

  @Test
  void removalBySharedNameGoesToAllHolders() {
    Node shared = Node.builder().images(ImageStrategy.shared()).build();
    shared.virtlet.pullImage("cirros");

    new ImageCalls(shared.client).remove("busybox");

    assertThat(shared.containerd.images()).isEmpty();
    assertThat(shared.virtlet.images()).hasSize(1);
  }

  @Test
  void aNameThatLooksLikeAnIdIsNotSentToSecondaries() {
    node.containerd.pullImage("cafe");
    node.virtlet.pullImage("cafe");

    images.remove("cafe");

    assertThat(node.containerd.images()).hasSize(1);
    assertThat(node.virtlet.images()).as("there its name is virtlet.cloud/cafe").hasSize(2);
  }

  @Test
  void notFoundCountsAsRemoved() {
    node.containerd.failNext("RemoveImage", RpcStatus.Code.NOT_FOUND, "gone");

    images.remove(busybox(node.containerd));

    assertThat(node.virtlet.images()).isEmpty();
  }

  @Test
  void otherFailuresOfARemovalAreTheResponse() {
    node.virtlet.failNext("RemoveImage", RpcStatus.Code.UNKNOWN, "in use");

    assertFails(() -> images.remove(busybox(node.virtlet)), Code.UNKNOWN, "in use");
  }

  @Test
  void aLostRuntimeThatMayHaveTheImageFailsTheRemoval() {
    node.virtlet.down();

    assertFails(() -> images.remove(busybox(node.containerd)), Code.UNAVAILABLE, "virtlet.cloud");

    assertThat(node.containerd.images()).as("image GC tries again").hasSize(1);
  }

  @Test
  void aRuntimeThatWasNeverSeenIsIgnored() {
    Node late = Node.builder().virtletStartsLate().build();

    new ImageCalls(late.client).remove(busybox(late.containerd));

    assertThat(late.containerd.images()).isEmpty();
  }

  @Test
  void aPrefixedNameOfARuntimeThatWasNeverSeenIsUnavailable() {
    Node late = Node.builder().virtletStartsLate().build();

    assertFails(
        () -> new ImageCalls(late.client).remove("virtlet.cloud/cirros"),
        Code.UNAVAILABLE,
        "virtlet.cloud");
  }

  @Test
  void aRemovalWaitsForAHungRuntimeUntilItsDeadline() {
    node.virtlet.hang("RemoveImage");

    RawCall removal =
        RawCall.start(
            node.router,
            "RemoveImage",
            RemoveImageRequest.newBuilder()
                .setImage(ImageCalls.bare(busybox(node.virtlet)))
                .build()
                .toByteString());
    node.clock.advance(Duration.ofSeconds(9));
    assertThat(removal.isClosed()).isFalse();
    node.virtlet.resume();

    removal.answer();
    assertThat(node.virtlet.images()).isEmpty();
  }
}
