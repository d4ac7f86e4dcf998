package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths take one more byte from 128, from 16384 and from 2097152 on. */
class EditListTest {
  private static final int REACH = 12;

  @ParameterizedTest
  @ValueSource(ints = {127, 16383, 2097151})
  void aValueGrowsAndShrinksAcrossABorder(int border) throws Exception {
    for (int length = border - REACH; length <= border + REACH; length++) {
      String id = "x".repeat(length);
      ByteString bare = request(id);
      ByteString prefixed = request(RandomWire.PREFIX + id);

      assertSameBytes(rewrite("ContainerStatus", bare, Edit.PREPEND), prefixed, length);
      assertSameBytes(rewrite("ContainerStatus", prefixed, Edit.DROP_PREFIX), bare, length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {127, 16383, 2097151})
  void aMessageGrowsAndShrinksAcrossABorderWithWhatItHolds(int border) throws Exception {
    for (int length = border - REACH; length <= border + REACH; length++) {
      String id = "x".repeat(length);
      ByteString bare = filter(id, "sandbox");
      ByteString prefixed = filter(RandomWire.PREFIX + id, RandomWire.PREFIX + "sandbox");

      assertSameBytes(rewrite("ListContainers", bare, Edit.PREPEND), prefixed, length);
      assertSameBytes(rewrite("ListContainers", prefixed, Edit.DROP_PREFIX), bare, length);
    }
  }

  @Test
  void aValueMayBecomeEmptyWithinAMessage() throws Exception {
    assertThat(rewrite("ListContainers", filter("id", "sandbox"), Edit.EMPTY))
        .isEqualTo(RawWire.bytes(1, RawWire.string(1, "").concat(RawWire.string(3, ""))));
  }

  @Test
  void aLengthThatWasLongerThanNeedBeGetsItsShortestForm() throws Exception {
    ByteString id = RawWire.utf8("id");
    ByteString longer =
        RawWire.concat(RawWire.tag(1, RawWire.LEN), RawWire.varint(id.size(), 5), id);

    assertThat(rewrite("ContainerStatus", longer, Edit.PREPEND))
        .isEqualTo(request(RandomWire.PREFIX + "id"));
  }

  @Test
  void aMessageWhoseSizeStaysKeepsItsLengthAsItWas() throws Exception {
    ByteString sameSize = RawWire.string(1, "12345");
    ByteString longLength = RawWire.tag(1, RawWire.LEN).concat(RawWire.varint(7, 4));

    assertThat(rewrite("ListContainers", longLength.concat(sameSize), Edit.REPLACE))
        .isEqualTo(longLength.concat(RawWire.string(1, "other")));
  }

  @Test
  void holdsManyMoreEditsThanItHasRoomForAtFirst() throws Exception {
    ByteString filters = ByteString.EMPTY;
    ByteString expected = ByteString.EMPTY;
    for (int i = 0; i < 1000; i++) {
      filters = filters.concat(filter("c" + i, "s" + i));
      expected = expected.concat(filter(RandomWire.PREFIX + "c" + i, RandomWire.PREFIX + "s" + i));
    }

    assertThat(rewrite("ListContainers", filters, Edit.PREPEND)).isEqualTo(expected);
  }

  @Test
  void editsKeepTheirOrderAndWhatStandsBetweenThem() {
    EditList edits = new EditList();
    assertThat(edits.isEmpty()).isTrue();

    assertThat(edits.remove(1, 3)).as("growth").isEqualTo(-2);
    assertThat(edits.replaceStart(4, 5, 7, 1, new byte[] {'X', 'Y', 'Z'})).isEqualTo(2);

    ByteString result =
        edits.applyTo(WireBytes.of(RawWire.amid(RawWire.utf8(""), bytes(), RawWire.utf8(""))));
    assertThat(edits.isEmpty()).isFalse();
    assertThat(result.toByteArray()).containsExactly('a', 'd', 4, 'X', 'Y', 'Z', 'g', 'h');
  }

  private static ByteString bytes() {
    return ByteString.copyFrom(new byte[] {'a', 'b', 'c', 'd', 2, 'f', 'g', 'h'});
  }

  private static ByteString request(String id) {
    return ContainerStatusRequest.newBuilder().setContainerId(id).build().toByteString();
  }

  private static ByteString filter(String id, String sandboxId) {
    return ListContainersRequest.newBuilder()
        .setFilter(ContainerFilter.newBuilder().setId(id).setPodSandboxId(sandboxId))
        .build()
        .toByteString();
  }

  private static ByteString rewrite(String rpc, ByteString message, Edit edit) throws Exception {
    RewritePlan plan = RewritePlan.translating(Schema.cri().require(rpc).request(), kind -> true);
    return Rewriter.rewrite(message, plan, Edits.all(edit));
  }

  /** Says no more than the length, for the bytes would fill the screen. */
  private static void assertSameBytes(ByteString actual, ByteString expected, int length) {
    assertThat(actual.equals(expected)).as("same bytes for an id of length %d", length).isTrue();
  }
}
