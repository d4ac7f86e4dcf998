package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.schema.FieldPath;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

class RoutingFieldTest {
  private static final RoutingField CONTAINER = field("ContainerStatus", Reference.CONTAINER_ID);
  private static final RoutingField FILTER_ID = field("ListContainers", Reference.CONTAINER_ID);
  private static final RoutingField FILTER_SANDBOX =
      field("ListContainers", Reference.POD_SANDBOX_ID);

  @Test
  void readsTheValue() throws Exception {
    ByteString request =
        ContainerStatusRequest.newBuilder()
            .setVerbose(true)
            .setContainerId("c\u00e9")
            .build()
            .toByteString();

    assertThat(CONTAINER.read(request)).isEqualTo("c\u00e9");
  }

  @Test
  void readsAValueWithinAMessage() throws Exception {
    ByteString request =
        ListContainersRequest.newBuilder()
            .setFilter(
                ContainerFilter.newBuilder()
                    .setId("c")
                    .setPodSandboxId("s")
                    .putLabelSelector("id", "none"))
            .build()
            .toByteString();

    assertThat(FILTER_ID.read(request)).isEqualTo("c");
    assertThat(FILTER_SANDBOX.read(request)).isEqualTo("s");
  }

  @Test
  void anAbsentFieldIsEmpty() throws Exception {
    assertThat(CONTAINER.read(ByteString.EMPTY)).isEmpty();
    assertThat(FILTER_ID.read(RawWire.bytes(1, ByteString.EMPTY))).isEmpty();
    assertThat(FILTER_ID.read(RawWire.bytes(1, RawWire.string(3, "s")))).isEmpty();
  }

  @Test
  void twoDifferentValuesAreRefused() {
    ByteString request = RawWire.concat(id("one"), RawWire.number(2, 1), id("two"));

    assertRefused(CONTAINER, request, "container_id");
  }

  @Test
  void anEmptyValueBesideAnotherIsRefusedToo() {
    assertRefused(CONTAINER, id("one").concat(id("")), "container_id");
    assertRefused(CONTAINER, id("").concat(id("one")), "container_id");
  }

  @Test
  void valuesOfWhichOneIsTheStartOfTheOtherAreDifferent() {
    assertRefused(CONTAINER, id("one").concat(id("on")), "container_id");
    assertRefused(CONTAINER, id("on").concat(id("one")), "container_id");
  }

  @Test
  void theThirdValueIsComparedToo() {
    assertRefused(CONTAINER, RawWire.concat(id("one"), id("one"), id("two")), "container_id");
  }

  @Test
  void equalValuesAreOneValue() throws Exception {
    assertThat(CONTAINER.read(RawWire.concat(id("one"), id("one"), id("one")))).isEqualTo("one");
  }

  @Test
  void aFilterThatIsSplitOverTwoOccurrencesIsReadAsOne() throws Exception {
    ByteString request =
        RawWire.bytes(1, RawWire.string(3, "s")).concat(RawWire.bytes(1, RawWire.string(1, "c")));

    assertThat(FILTER_ID.read(request)).isEqualTo("c");
    assertThat(FILTER_SANDBOX.read(request)).isEqualTo("s");
  }

  @Test
  void twoFiltersWithDifferentValuesAreRefused() {
    ByteString request =
        RawWire.bytes(1, RawWire.string(1, "c")).concat(RawWire.bytes(1, RawWire.string(1, "d")));

    assertRefused(FILTER_ID, request, "filter.id");
  }

  @Test
  void aFieldOfAnUnexpectedWireTypeIsUnknownAndNotTheRoute() throws Exception {
    ByteString strays =
        RawWire.concat(
            RawWire.number(1, 7),
            RawWire.group(1, RawWire.string(1, "within a group")),
            RawWire.tag(1, RawWire.FIXED32).concat(RawWire.utf8("abcd")));

    assertThat(CONTAINER.read(strays)).isEmpty();
    assertThat(CONTAINER.read(RawWire.concat(strays, id("one"), strays))).isEqualTo("one");
  }

  @Test
  void whatStandsBehindTheFieldIsCheckedToo() {
    ByteString request = id("one").concat(RawWire.tag(1, RawWire.LEN));

    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> CONTAINER.read(request))
        .withMessageEndingWith("at byte 6");
  }

  @Test
  void isCalledAsItsPath() {
    assertThat(FILTER_SANDBOX).hasToString("filter.pod_sandbox_id");
  }

  /** A request with one field twice, in random places: refused exactly if the values differ. */
  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void aSecondValueIsRefusedExactlyIfItDiffers(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    RandomWire wire = new RandomWire(random, field -> field.getNumber() != 1);
    ByteString rest = wire.message(ContainerStatusRequest.getDescriptor());
    String one = wire.text();
    String two = random.nextBoolean() ? one : wire.text();
    ByteString request = RawWire.concat(id(one), rest, id(two));

    Attempt<String> read = Attempt.to(() -> CONTAINER.read(request));

    assertThat(read.malformed()).isFalse();
    assertThat(read.refused()).as("%s and %s", one, two).isEqualTo(!one.equals(two));
    read.value().ifPresent(value -> assertThat(value).isEqualTo(one));
  }

  private static ByteString id(String id) {
    return RawWire.string(ContainerStatusRequest.CONTAINER_ID_FIELD_NUMBER, id);
  }

  private static RoutingField field(String rpc, Reference kind) {
    FieldPath path = Schema.cri().require(rpc).requestPaths(Set.of(kind)).get(0);
    return new RoutingField(path);
  }

  private static void assertRefused(RoutingField field, ByteString request, String path) {
    assertThatExceptionOfType(RpcException.class)
        .isThrownBy(() -> field.read(request))
        .extracting(RpcException::status, type(RpcStatus.class))
        .satisfies(
            status -> {
              assertThat(status.code()).isEqualTo(Code.INVALID_ARGUMENT);
              assertThat(status.message()).contains(path);
            });
  }
}
