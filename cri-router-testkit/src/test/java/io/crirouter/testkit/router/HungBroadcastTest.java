package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.ImageCalls.bare;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RemoveImage and UpdateRuntimeConfig to all runtimes end when a hung runtime is lost. */
class HungBroadcastTest {
  /** A probe every ten seconds, five seconds for its response, and one in reserve. */
  private static final Duration UNTIL_LOST = Duration.ofSeconds(16);

  private final Node node = Node.create();

  /** A call with a deadline of ten minutes. */
  private RawCall call(String rpc, ByteString request) {
    return RawCall.start(
        node.router,
        CriRequest.of(CriMethod.of(rpc), request)
            .withTimeoutNanos(Duration.ofMinutes(10).toNanos()));
  }

  private RawCall remove(String image) {
    return call(
        "RemoveImage",
        RemoveImageRequest.newBuilder().setImage(bare(image)).build().toByteString());
  }

  private RawCall update() {
    UpdateRuntimeConfigRequest.Builder request = UpdateRuntimeConfigRequest.newBuilder();
    request.getRuntimeConfigBuilder().getNetworkConfigBuilder().setPodCidr("10.1.0.0/16");
    return call("UpdateRuntimeConfig", request.build().toByteString());
  }

  private void assertEndsWithTheLoss(RawCall removal) {
    node.clock.advance(UNTIL_LOST);

    assertThat(removal.isClosed()).isTrue();
    assertThat(removal.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(removal.status().message()).contains("virtlet.cloud", "RemoveImage", "lost");
  }

  @Test
  void aRemovalByIdEndsWhenAHungHolderIsLost() {
    String image = node.virtlet.images().get(0).getId();
    node.virtlet.hang("RemoveImage");
    RawCall removal = remove(image);
    node.virtlet.hang();

    assertEndsWithTheLoss(removal);
  }

  @Test
  void aRemovalByNameEndsWhenAHungHolderIsLost() {
    node.virtlet.hang("RemoveImage");
    RawCall removal = remove("virtlet.cloud/busybox");
    node.virtlet.hang();

    assertEndsWithTheLoss(removal);
  }

  @Test
  void aSearchForHoldersEndsWithinItsBudget() {
    String image = node.virtlet.images().get(0).getId();
    node.virtlet.hang();
    RawCall removal = remove(image);

    node.clock.advance(Duration.ofSeconds(5));

    assertThat(removal.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(removal.status().message()).contains("virtlet.cloud");
    assertThat(node.containerd.images()).as("nothing is removed by halves").hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void updateRuntimeConfigWaitsFiveSecondsAtMost(boolean wholly) {
    if (wholly) {
      node.virtlet.hang();
    } else {
      node.virtlet.hang("UpdateRuntimeConfig");
    }
    RawCall update = update();
    node.clock.advance(Duration.ofSeconds(4));
    assertThat(update.isClosed()).isFalse();

    node.clock.advance(Duration.ofSeconds(1));

    assertThat(update.status()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void updateRuntimeConfigEndsWhenAHungRuntimeIsLost() {
    node.virtlet.hang();
    node.clock.advance(Duration.ofSeconds(12));
    RawCall update = update();
    assertThat(update.isClosed()).isFalse();

    node.clock.advance(Duration.ofSeconds(3));

    assertThat(update.status()).isEqualTo(RpcStatus.OK);
  }

  @Test
  void theRuntimeConfigIsSentWhenAHungRuntimeReturns() {
    node.virtlet.hang();
    RawCall update = update();
    node.clock.advance(UNTIL_LOST);
    assertThat(update.status()).isEqualTo(RpcStatus.OK);

    node.virtlet.resume();
    node.clock.advance(UNTIL_LOST);

    assertThat(node.virtlet.runtimeConfig().orElseThrow().getNetworkConfig().getPodCidr())
        .isEqualTo("10.1.0.0/16");
  }
}
