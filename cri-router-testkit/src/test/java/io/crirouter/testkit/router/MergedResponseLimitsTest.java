package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Several secondaries answer with nearly the limit of one. Merged lists stay below the limit of a
 * kubelet, and contain the items of the primary and of other runtimes.
 */
class MergedResponseLimitsTest {
  private static final int MIB = 1 << 20;

  /** The limit of a kubelet minus the items of the primary and the other runtime. */
  private static final int MAX_MIB = 14;

  /** Just below the limit of one runtime. */
  private static final int LONG_MIB = 7;

  private static final List<String> LONG = List.of("a.long", "b.long", "c.long", "d.long");
  private static final ByteString FILLER = ByteString.copyFrom(new byte[MIB]);
  private static final int UNKNOWN = 1023;

  private final SimulatedNode node =
      SimulatedNode.of(
          Stream.concat(Stream.of(PRIMARY, VIRTLET), LONG.stream()).toArray(String[]::new));
  private final List<String> pods = new ArrayList<>();
  private boolean isLong;

  private static ByteString field(int number, ByteString content) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addLengthDelimited(content).build())
        .build()
        .toByteString();
  }

  /** Adds items of one mebibyte each to the lists and stats of a runtime. */
  private RuntimeBackend lengthened(RuntimeBackend runtime) {
    return (request, listener) ->
        isLong && request.method().name().matches("(List|Stream)(Pod|Cont|Im).*")
            ? answer(request, listener)
            : runtime.start(request, listener);
  }

  private static RuntimeCall answer(CriRequest request, ResponseListener listener) {
    boolean isStats = request.method().name().endsWith("Stats");
    ByteString all = ByteString.EMPTY;
    for (int i = 0; i < LONG_MIB; i++) {
      ByteString id = field(1, ByteString.copyFromUtf8("long" + i));
      ByteString item = (isStats ? field(1, id) : id).concat(field(UNKNOWN, FILLER.substring(99)));
      all = all.concat(field(1, item));
    }
    listener.onMessage(all);
    listener.onClose(RpcStatus.OK);
    return RuntimeCall.ENDED;
  }

  @BeforeEach
  void start() {
    LONG.forEach(name -> node.between(name, this::lengthened));
    node.startRouter();
    for (String name : Stream.concat(Stream.of(PRIMARY, VIRTLET), LONG.stream()).toList()) {
      pods.add(node.runPod("pod-of-" + name, name));
      node.runContainer(pods.get(pods.size() - 1), "main");
    }
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource(ListRpc.class)
  void mergedListsStayBelowTheLimitWithTheLastKnownState(ListRpc list) throws Exception {
    List<String> before = list.idsAtOnce(node.router());
    isLong = true;
    for (int i = 0; i < 5; i++) {
      RawCall call = list.start(node.router());

      assertThat(call.isClosed()).isTrue();
      assertThat(call.message().getSerializedSize()).isLessThan(MAX_MIB * MIB);
      assertThat(ListRpc.ids(call))
          .containsAll(before.stream().filter(id -> !id.matches("[abcd]lon__.*")).toList());
    }

    isLong = false;
    node.advance(Duration.ofMinutes(1));
    assertThat(list.idsAtOnce(node.router())).hasSameElementsAs(before);
  }

  @Test
  void aStreamedListReportsItsBufferedBytes() {
    isLong = true;
    List<ByteString> received = new ArrayList<>();
    RuntimeCall call =
        node.router()
            .start(
                CriRequest.of(CriMethod.of("StreamContainers"), ByteString.EMPTY),
                new ResponseListener() {
                  @Override
                  public void onMessage(ByteString message) {
                    received.add(message);
                  }

                  @Override
                  public void onClose(RpcStatus status) {}
                });

    call.request(1);
    assertThat(received).hasSize(1);
    assertThat(call.heldBytes()).isBetween((LONG_MIB - 2L) * MIB, (long) MAX_MIB * MIB);

    call.request(5);
    assertThat(call.heldBytes()).isBetween(1L, (MAX_MIB - 5L) * MIB);
    call.cancel("enough");
    assertThat(call.heldBytes()).isZero();
  }

  @Test
  void mergedStatsStayBelowTheLimit() throws Exception {
    isLong = true;

    RawCall call = RawCall.start(node.router(), "ListContainerStats", ByteString.EMPTY);

    assertThat(call.status().isOk()).isTrue();
    assertThat(call.message().getSerializedSize()).isBetween(LONG_MIB * MIB / 2, MAX_MIB * MIB);
  }
}
