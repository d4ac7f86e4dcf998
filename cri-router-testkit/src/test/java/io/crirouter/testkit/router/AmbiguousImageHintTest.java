package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pods of two runtimes use an image of the same name, and one of the runtimes fails. */
class AmbiguousImageHintTest {
  private static final String APP = "example.com/app:1";

  private final Node node = Node.create();
  private final ImageCalls images = new ImageCalls(node.client);

  @BeforeEach
  void askForTwoPods() {
    node.containerd.putImage(ImageCalls.ofUser(1000, "sha256:" + "1".repeat(64), APP).build());
    node.virtlet.putImage(ImageCalls.ofUser(1000, "sha256:" + "2".repeat(64), APP).build());
    images.status(ImageCalls.of(Pods.on(CONTAINERD, "a"), APP));
    images.status(ImageCalls.of(Pods.on(VIRTLET, "b"), APP));
  }

  private void assertAmbiguous() {
    assertThat(refusal(() -> images.status(APP)).getCode())
        .isIn(Code.UNAVAILABLE, Code.FAILED_PRECONDITION);
  }

  @ParameterizedTest
  @EnumSource(
      value = RpcStatus.Code.class,
      names = {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "RESOURCE_EXHAUSTED"})
  void aFailureOfTheSecondaryMakesTheImageAmbiguous(RpcStatus.Code code) {
    node.virtlet.failAlways("ImageStatus", RpcStatus.of(code, "no snapshotter"));

    assertAmbiguous();
  }

  @Test
  void aHungSecondaryMakesTheImageAmbiguous() {
    node.virtlet.hang("ImageStatus");

    RawCall search =
        RawCall.start(
            node.router,
            "ImageStatus",
            ImageStatusRequest.newBuilder().setImage(ImageCalls.bare(APP)).build().toByteString());
    node.clock.advance(Duration.ofSeconds(5));

    assertThat(search.status().code())
        .isIn(RpcStatus.Code.UNAVAILABLE, RpcStatus.Code.FAILED_PRECONDITION);
  }

  @Test
  void aFailureOfThePrimaryMakesTheImageAmbiguous() {
    node.containerd.failAlways("ImageStatus", RpcStatus.of(RpcStatus.Code.UNKNOWN, "no db"));

    assertThat(refusal(() -> images.status(APP)).isOk()).isFalse();
  }

  @Test
  void bothAnswerAgainAfterARecovery() {
    node.virtlet.failNext("ImageStatus", RpcStatus.Code.UNKNOWN, "no snapshotter");
    assertAmbiguous();

    assertThat(images.status(APP)).isPresent();
  }
}
