package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.testkit.ManualScheduler;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The {@code Stream*} rpcs with runtimes that lack them. A kubelet that gets UNIMPLEMENTED once
 * does not use them any more until it restarts.
 */
class StreamedListsTest {
  private static final String[] STREAMS = streams().toArray(String[]::new);

  static Stream<String> streams() {
    return CriMethod.all().stream().map(CriMethod::name).filter(name -> name.startsWith("Stream"));
  }

  /** The unary list of the same items. */
  private static String listOf(String stream) {
    return stream.equals("StreamPodSandboxes")
        ? "ListPodSandbox"
        : stream.replaceFirst("Stream", "List");
  }

  private static Node withTwoPods(Node.Builder builder) {
    Node node = builder.build();
    node.start(node.runOnContainerd("a"), "main");
    node.start(node.runOnVirtlet("b"), "main");
    node.virtlet.pullImage("cirros");
    return node;
  }

  private static RawCall call(Node node, String rpc) {
    return RawCall.start(node.router, rpc, ByteString.EMPTY);
  }

  @Test
  void criHasSixStreamedLists() {
    assertThat(STREAMS).hasSize(6);
  }

  @ParameterizedTest
  @MethodSource("streams")
  void aSecondaryWithoutTheStreamIsListedByTheUnaryRpc(String stream) {
    Node node = withTwoPods(Node.builder().virtlet(fake -> fake.without(STREAMS)));

    ByteString streamed = call(node, stream).answer();

    assertThat(streamed)
        .isNotEqualTo(ByteString.EMPTY)
        .isEqualTo(call(withTwoPods(Node.builder()), stream).answer());
    assertThat(node.virtlet.journal().callsOf(listOf(stream))).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("streams")
  void aPrimaryWithoutTheStreamMakesItUnimplemented(String stream) {
    Node node = withTwoPods(Node.builder().containerd(fake -> fake.without(STREAMS)));

    assertThat(call(node, stream).status().code()).isEqualTo(Code.UNIMPLEMENTED);

    assertThat(node.containerd.journal().callsOf(listOf(stream))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("streams")
  void aPrimaryThatFailsEndsTheStreamWithItsError(String stream) {
    Node node = withTwoPods(Node.builder());
    node.containerd.failNext(stream, Code.UNKNOWN, "database is closed");

    RpcStatus status = call(node, stream).status();

    assertThat(status.code()).isEqualTo(Code.UNKNOWN);
    assertThat(status.message()).isEqualTo("database is closed");
  }

  @ParameterizedTest
  @MethodSource("streams")
  void runtimesMaySendAnyNumberOfMessages(String stream) {
    Node inPieces =
        withTwoPods(
            Node.builder()
                .containerd(fake -> fake.chunkSize(1))
                .virtlet(fake -> fake.chunkSize(1)));
    inPieces.start(inPieces.runOnVirtlet("c"), "main");
    Node inOne = withTwoPods(Node.builder());
    inOne.start(inOne.runOnVirtlet("c"), "main");

    assertThat(call(inPieces, stream).answer()).isEqualTo(call(inOne, stream).answer());
  }

  @Test
  void theLastKnownStateReplacesABrokenStream() {
    Node node = withTwoPods(Node.builder());
    ByteString whole = call(node, "StreamPodSandboxes").answer();
    node.virtlet.failAlways("StreamPodSandboxes", RpcStatus.of(Code.UNKNOWN, "half of it"));

    assertThat(call(node, "StreamPodSandboxes").answer()).isEqualTo(whole);
  }

  /** A merged stream of two runtimes whose messages the test sends. */
  private static final class ManualStream {
    private final HeldRuntime primary = new HeldRuntime();
    private final HeldRuntime secondary = new HeldRuntime();
    private final RawCall call;

    ManualStream(String stream) {
      CriRouter router =
          CriRouter.builder()
              .scheduler(new ManualScheduler())
              .primary(Node.CONTAINERD, primary)
              .secondary(Node.VIRTLET, secondary)
              .build();
      primary.hold();
      secondary.hold();
      call = RawCall.start(router, stream, ByteString.EMPTY);
    }
  }

  @ParameterizedTest
  @MethodSource("streams")
  void aBrokenStreamOfThePrimaryIsAnError(String stream) {
    ManualStream runtimes = new ManualStream(stream);
    runtimes.secondary.calls().get(0).end(RpcStatus.OK);
    runtimes.primary.calls().get(0).answer(ByteString.EMPTY);

    runtimes.primary.calls().get(0).end(RpcStatus.of(Code.UNKNOWN, "the store was closed"));

    assertThat(runtimes.call.status().code()).isEqualTo(Code.UNKNOWN);
    assertThat(runtimes.call.status().message()).isEqualTo("the store was closed");
  }

  @Test
  void aLongListIsSplitIntoMessages() {
    ManualStream runtimes = new ManualStream("StreamContainers");
    ByteString ofPrimary = containers(2000);
    ByteString ofSecondary = containers(3000);
    runtimes.primary.calls().get(0).answer(ofPrimary);
    runtimes.primary.calls().get(0).end(RpcStatus.OK);
    runtimes.secondary.calls().get(0).end(RpcStatus.of(Code.UNIMPLEMENTED, "no such rpc"));
    runtimes.secondary.calls().get(1).answer(ofSecondary);
    runtimes.secondary.calls().get(1).end(RpcStatus.OK);

    assertThat(runtimes.secondary.rpcs()).containsExactly("StreamContainers", "ListContainers");
    assertThat(runtimes.call.answer().size()).isGreaterThan(ofPrimary.size() + ofSecondary.size());
    assertThat(runtimes.call.messages())
        .hasSizeGreaterThan(4)
        .allSatisfy(piece -> assertThat(piece.size()).isLessThanOrEqualTo(1 << 20));
  }

  private static ByteString containers(int count) {
    ListContainersResponse.Builder list = ListContainersResponse.newBuilder();
    for (int i = 0; i < count; i++) {
      list.addContainersBuilder()
          .setId("id-" + i)
          .setPodSandboxId("pod")
          .putAnnotations("example.com/long", "x".repeat(1000));
    }
    return list.build().toByteString();
  }
}
