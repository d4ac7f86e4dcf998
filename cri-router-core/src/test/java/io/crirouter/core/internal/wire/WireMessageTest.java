package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** The accessors say what the getters of protobuf's generated classes say. */
class WireMessageTest {

  @Test
  void aMessageOfMillionsOfTinyFieldsIsRefusedInsteadOfTakingTenTimesItsSize() {
    byte[] fields = new byte[2 * ((1 << 20) + 1)];
    for (int i = 0; i < fields.length; i += 2) {
      fields[i] = 8;
    }

    assertThatThrownBy(() -> WireMessage.parse(ByteString.copyFrom(fields)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("more than 1048576 fields");
  }

  @Property(tries = 25, shrinking = ShrinkingMode.OFF)
  void accessorsEqualGeneratedGetters(@ForAll long seed) throws Exception {
    for (Descriptor type : RpcMessage.typesBelow()) {
      Random random = new Random(seed);
      ByteString bytes = new RandomWire(random).message(type);
      Message generated = generated(type).newBuilderForType().mergeFrom(bytes).build();
      WireMessage wire = WireMessage.parse(RawWire.heldAnyhow(bytes, random));

      assertThat(wire.toByteString()).isEqualTo(bytes);
      for (FieldDescriptor field : type.getFields()) {
        String what = field.getFullName() + ", seed " + seed + ": " + Hex.of(bytes);
        compare(wire, generated, field, what);
        compareWithout(wire, generated, field, what);
      }
    }
  }

  private static void compare(
      WireMessage wire, Message generated, FieldDescriptor field, String what) throws Exception {
    int number = field.getNumber();
    Object value = generated.getField(field);
    if (field.isMapField()) {
      assertThat(wire.stringMap(number)).as(what).isEqualTo(map(value));
      for (Map.Entry<String, String> entry : map(value).entrySet()) {
        assertThat(wire.mapValue(number, entry.getKey())).as(what).isEqualTo(entry.getValue());
      }
      assertThat(wire.mapValue(number, "no such key")).as(what).isEmpty();
    } else if (field.isRepeated()) {
      compareRepeated(wire, field, (List<?>) value, what);
    } else {
      switch (field.getType()) {
        case STRING -> assertThat(wire.string(number)).as(what).isEqualTo(value);
        case BOOL -> assertThat(wire.flag(number)).as(what).isEqualTo(value);
        case ENUM ->
            assertThat((int) wire.number(number))
                .as(what)
                .isEqualTo(((EnumValueDescriptor) value).getNumber());
        case INT32, UINT32 -> assertThat((int) wire.number(number)).as(what).isEqualTo(value);
        case INT64, UINT64 -> assertThat(wire.number(number)).as(what).isEqualTo(value);
        case MESSAGE -> compareMessage(wire, generated, field, what);
        case BYTES, DOUBLE -> {} // the router has no accessors for these
        default -> throw new IllegalStateException("teach the test the type of " + field);
      }
    }
  }

  private static void compareRepeated(
      WireMessage wire, FieldDescriptor field, List<?> expected, String what) throws Exception {
    int number = field.getNumber();
    switch (field.getType()) {
      case STRING -> {
        assertThat(wire.strings(number)).as(what).isEqualTo(expected);
        assertThat(wire.has(number)).as(what).isEqualTo(!expected.isEmpty());
      }
      case MESSAGE -> {
        Message prototype = generated(field.getMessageType());
        assertThat(wire.values(number)).as(what).map(v -> parse(prototype, v)).isEqualTo(expected);
        assertThat(wire.messages(number))
            .as(what)
            .map(message -> parse(prototype, message.toByteString()))
            .isEqualTo(expected);
        assertThat(wire.has(number)).as(what).isEqualTo(!expected.isEmpty());
      }
      default ->
          assertThat(field.isPackable()).as("the router reads no repeated %s", field).isTrue();
    }
  }

  private static void compareMessage(
      WireMessage wire, Message generated, FieldDescriptor field, String what) throws Exception {
    int number = field.getNumber();
    Message expected = (Message) generated.getField(field);
    assertThat(wire.has(number)).as(what).isEqualTo(generated.hasField(field));
    assertThat(parse(expected, wire.value(number))).as(what).isEqualTo(expected);
    assertThat(parse(expected, wire.message(number).toByteString())).as(what).isEqualTo(expected);
  }

  private static void compareWithout(
      WireMessage wire, Message generated, FieldDescriptor field, String what) {
    UnknownFieldSet unknown =
        generated.getUnknownFields().toBuilder().clearField(field.getNumber()).build();
    Message expected = generated.toBuilder().clearField(field).setUnknownFields(unknown).build();

    assertThat(parse(generated, wire.without(field.getNumber()))).as(what).isEqualTo(expected);
  }

  @Test
  void severalFieldsAreLeftOutAndTheOthersKeepBytesAndOrder() throws Exception {
    ByteString one = RawWire.string(1, "one");
    ByteString two = RawWire.number(2, 2);
    ByteString three = RawWire.group(3, RawWire.string(1, "three"));
    ByteString message = RawWire.concat(three, two, one, three, one, two);

    assertThat(WireMessage.parse(message).without(1, 2)).isEqualTo(three.concat(three));
    assertThat(WireMessage.parse(message).without(4)).isEqualTo(message);
    assertThat(WireMessage.parse(message).without(1, 2, 3)).isEmpty();
  }

  @Test
  void anEmptyMessageHasDefaults() throws Exception {
    WireMessage empty = WireMessage.EMPTY;

    assertThat(empty.has(1)).isFalse();
    assertThat(empty.string(1)).isEmpty();
    assertThat(empty.strings(1)).isEmpty();
    assertThat(empty.number(1)).isZero();
    assertThat(empty.flag(1)).isFalse();
    assertThat(empty.message(1).toByteString()).isEmpty();
    assertThat(empty.stringMap(1)).isEmpty();
    assertThat(empty.toByteString()).isEmpty();
  }

  @Test
  void aFieldOfAnUnexpectedWireTypeIsAbsent() throws Exception {
    int annotations = ImageSpec.ANNOTATIONS_FIELD_NUMBER;
    WireMessage spec = WireMessage.parse(RawWire.number(annotations, 1));

    assertThat(spec.has(annotations))
        .as("as for the runtime, which routes by it as well")
        .isFalse();
    assertThat(spec.stringMap(annotations)).isEmpty();
  }

  @Test
  void theSizeOfFieldsIsWhatTheMessageIsShorterWithoutThem() throws Exception {
    WireMessage message =
        WireMessage.parse(
            PodSandboxConfig.newBuilder()
                .putLabels("a", "1")
                .setHostname("host")
                .putAnnotations("b", "2".repeat(300))
                .build()
                .toByteString());
    int[] maps = {PodSandboxConfig.LABELS_FIELD_NUMBER, PodSandboxConfig.ANNOTATIONS_FIELD_NUMBER};

    assertThat(message.sizeOf(maps))
        .isEqualTo(message.toByteString().size() - message.without(maps).size())
        .isGreaterThan(300);
    assertThat(message.sizeOf(PodSandboxConfig.WINDOWS_FIELD_NUMBER)).isZero();
  }

  @Test
  void theLastOfSeveralValuesOfOneKeyWins() throws Exception {
    ByteString labels =
        new WireWriter()
            .stringMap(PodSandboxConfig.LABELS_FIELD_NUMBER, Map.of("a", "1"))
            .stringMap(PodSandboxConfig.LABELS_FIELD_NUMBER, Map.of("a", "2"))
            .toByteString();

    assertThat(WireMessage.parse(labels).stringMap(PodSandboxConfig.LABELS_FIELD_NUMBER))
        .isEqualTo(Map.of("a", "2"));
    assertThat(WireMessage.parse(labels).mapValue(PodSandboxConfig.LABELS_FIELD_NUMBER, "a"))
        .isEqualTo("2");
  }

  @Test
  void malformedValuesShowWhenTheyAreTakenApart() throws Exception {
    WireMessage message = WireMessage.parse(RawWire.bytes(1, RawWire.tag(1, RawWire.LEN)));

    assertThat(message.has(1)).isTrue();
    assertThatExceptionOfType(MalformedMessageException.class).isThrownBy(() -> message.message(1));
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> message.messages(1));
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> message.stringMap(1));
  }

  private static Map<String, String> map(Object entries) {
    Map<String, String> map = new LinkedHashMap<>();
    for (Object entry : (List<?>) entries) {
      Message message = (Message) entry;
      Descriptor type = message.getDescriptorForType();
      map.put(
          (String) message.getField(type.findFieldByNumber(1)),
          (String) message.getField(type.findFieldByNumber(2)));
    }
    return map;
  }

  private static Message parse(Message prototype, ByteString bytes) {
    try {
      return prototype.getParserForType().parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** The default instance of the class that protoc made of the type. */
  private static Message generated(Descriptor type) {
    try {
      return (Message)
          Class.forName("io.crirouter.proto.v1." + type.getName())
              .getMethod("getDefaultInstance")
              .invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("protoc made no class of " + type.getName(), e);
    }
  }
}
