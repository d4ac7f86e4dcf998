package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Searches and removals of images while a secondary fails. The failure counts only if the secondary
 * is known to have had the image.
 */
class FailingImageCallsTest {
  private static final String UNKNOWN = "sha256:" + "9".repeat(64);
  private static final Duration BUDGET = Duration.ofSeconds(5);
  private static final ByteString MALFORMED_IMAGE =
      MalformedList.field(
          ImageStatusResponse.IMAGE_FIELD_NUMBER,
          MalformedList.field(
              Image.UID_FIELD_NUMBER, ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xff})));

  private final AlteredResponses interceptor = new AlteredResponses();
  private final Node node = Node.builder().beforeVirtlet(interceptor::of).build();
  private final ImageCalls images = new ImageCalls(node.client);
  private String atPrimary = "";
  private String atVirtlet = "";

  @BeforeEach
  void pullImages() {
    atPrimary = node.containerd.pullImage("nginx").getId();
    atVirtlet = node.virtlet.pullImage("cirros").getId();
    images.list();
  }

  /** The failures of the secondary. */
  private enum Failure {
    INTERNAL,
    UNKNOWN,
    RESOURCE_EXHAUSTED,
    MALFORMED,
    HUNG
  }

  private void fail(Failure failure) {
    switch (failure) {
      case MALFORMED -> interceptor.alter("ImageStatus", message -> MALFORMED_IMAGE);
      case HUNG -> node.virtlet.hang("ImageStatus");
      default ->
          node.virtlet.failAlways(
              "ImageStatus", RpcStatus.of(Code.valueOf(failure.name()), "no snapshotter"));
    }
  }

  private RawCall start(String rpc, String image) {
    return RawCall.start(
        node.router,
        rpc,
        ImageStatusRequest.newBuilder().setImage(ImageCalls.bare(image)).build().toByteString());
  }

  private RawCall search(String image) {
    RawCall search = start("ImageStatus", image);
    node.clock.advance(BUDGET);
    return search;
  }

  @ParameterizedTest
  @EnumSource
  void aMissingImageIsAbsentAlthoughASecondaryFails(Failure failure) {
    fail(failure);

    assertThat(search(UNKNOWN).answer()).isEqualTo(ByteString.EMPTY);
  }

  @ParameterizedTest
  @EnumSource
  void anImageOfThePrimaryIsFoundAlthoughASecondaryFails(Failure failure) throws Exception {
    fail(failure);

    RawCall search = start("ImageStatus", atPrimary);

    assertThat(search.isClosed()).as("at once").isTrue();
    assertThat(ImageStatusResponse.parseFrom(search.answer()).getImage().getId())
        .isEqualTo(atPrimary);
  }

  @ParameterizedTest
  @EnumSource
  void anImageOfTheFailingSecondaryIsNotReportedAsAbsent(Failure failure) {
    fail(failure);

    RpcStatus refusal = search(atVirtlet).status();

    assertThat(refusal.code())
        .isEqualTo(
            switch (failure) {
              case MALFORMED -> Code.INTERNAL;
              case HUNG -> Code.UNAVAILABLE;
              default -> Code.valueOf(failure.name());
            });
  }

  @Test
  void aSecondaryWithoutImageStatusHasNoImages() {
    node.virtlet.failAlways("ImageStatus", RpcStatus.of(Code.UNIMPLEMENTED, "no such rpc"));

    assertThat(images.status(atVirtlet)).isEmpty();
    assertThat(images.status(atPrimary)).contains(atPrimary);
    images.remove(atPrimary);
    assertThat(node.containerd.images()).noneMatch(image -> image.getId().equals(atPrimary));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HUNG")
  void anImageThatTheFailingSecondaryDoesNotHaveIsRemoved(Failure failure) {
    fail(failure);

    start("RemoveImage", atPrimary).answer();

    assertThat(node.containerd.images()).noneMatch(image -> image.getId().equals(atPrimary));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HUNG")
  void anImageOfTheFailingSecondaryIsNotReportedAsRemoved(Failure failure) {
    fail(failure);

    assertThat(start("RemoveImage", atVirtlet).status().isOk()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLostSecondaryThatNeverListedItsImagesMayHaveAny(boolean listed) {
    Node late = Node.builder().virtletStartsLate().build();
    String image = late.containerd.pullImage("nginx").getId();
    if (!listed) {
      late.virtlet.failAlways("ListImages", RpcStatus.of(Code.INTERNAL, "no snapshotter"));
    }
    late.virtlet.up();
    late.virtlet.down();

    RpcStatus status =
        RawCall.start(
                late.router,
                "RemoveImage",
                ImageStatusRequest.newBuilder()
                    .setImage(ImageCalls.bare(image))
                    .build()
                    .toByteString())
            .status();

    assertThat(status.code()).isEqualTo(listed ? Code.OK : Code.UNAVAILABLE);
  }

  @Test
  void aLostSecondaryMayHaveAMissingImage() {
    node.virtlet.down();

    assertThat(search(UNKNOWN).status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(images.status(atPrimary)).contains(atPrimary);
  }
}
