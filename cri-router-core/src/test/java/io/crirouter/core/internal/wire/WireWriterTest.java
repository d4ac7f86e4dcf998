package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import io.crirouter.proto.v1.Mount;
import io.crirouter.proto.v1.PodSandboxConfig;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

class WireWriterTest {

  @Property(tries = 25, shrinking = ShrinkingMode.OFF)
  void protobufReadsWhatWasWritten(@ForAll long seed) throws Exception {
    RandomWire random = new RandomWire(new Random(seed), WireWriterTest::canBeWritten);
    for (Descriptor type : RpcMessage.typesBelow()) {
      DynamicMessage message =
          DynamicMessage.parseFrom(type, random.message(type)).toBuilder()
              .setUnknownFields(UnknownFieldSet.getDefaultInstance())
              .build();

      WireWriter writer = new WireWriter();
      for (FieldDescriptor field : type.getFields()) {
        write(message, field, writer);
      }

      assertThat(DynamicMessage.parseFrom(type, writer.toByteString()))
          .as("%s, seed %d", type.getFullName(), seed)
          .isEqualTo(message);
    }
  }

  /** The writer has no methods for the others, since the router writes none. */
  private static boolean canBeWritten(FieldDescriptor field) {
    return field.getType() != FieldDescriptor.Type.BYTES
        && field.getType() != FieldDescriptor.Type.DOUBLE
        && !field.isPackable();
  }

  private static void write(DynamicMessage message, FieldDescriptor field, WireWriter writer) {
    int number = field.getNumber();
    Object value = message.getField(field);
    if (field.isMapField()) {
      ((List<?>) value).forEach(entry -> writer.stringMap(number, map((DynamicMessage) entry)));
    } else if (field.isRepeated()) {
      ((List<?>) value).forEach(element -> writeElement(number, element, writer));
    } else if (value instanceof String text) {
      writer.string(number, text);
    } else if (value instanceof DynamicMessage below) {
      if (message.hasField(field)) {
        writer.message(number, below.toByteString());
      }
    } else if (value instanceof Boolean flag) {
      writer.flag(number, flag);
    } else if (canBeWritten(field)) {
      writer.number(number, number(field, value));
    }
  }

  private static void writeElement(int number, Object element, WireWriter writer) {
    if (element instanceof String text) {
      writer.element(number, text);
    } else if (element instanceof DynamicMessage message) {
      writer.message(number, message.toByteString());
    }
  }

  private static long number(FieldDescriptor field, Object value) {
    if (value instanceof EnumValueDescriptor constant) {
      return constant.getNumber();
    }
    return field.getType() == FieldDescriptor.Type.UINT32
        ? Integer.toUnsignedLong((Integer) value)
        : ((Number) value).longValue();
  }

  private static Map<String, String> map(DynamicMessage entry) {
    List<FieldDescriptor> fields = entry.getDescriptorForType().getFields();
    return Map.of((String) entry.getField(fields.get(0)), (String) entry.getField(fields.get(1)));
  }

  @Test
  void defaultsAreLeftOut() {
    WireWriter writer = new WireWriter().string(1, "").number(2, 0).flag(3, false);

    assertThat(writer.stringMap(4, Map.of()).raw(ByteString.EMPTY).toByteString()).isEmpty();
  }

  @Test
  void elementsAndMessagesArePresentEvenIfEmpty() throws Exception {
    WireMessage written =
        WireMessage.parse(
            new WireWriter().element(1, "").message(2, ByteString.EMPTY).toByteString());

    assertThat(written.strings(1)).containsExactly("");
    assertThat(written.has(2)).isTrue();
  }

  @Test
  void serializedFieldsAreTakenAsTheyAre() throws Exception {
    Mount mount = Mount.newBuilder().setReadonly(true).setHostPath("/there").build();
    ByteString fields = mount.toByteString();

    ByteString written = new WireWriter().string(1, "/here").raw(fields).toByteString();

    assertThat(Mount.parseFrom(written))
        .isEqualTo(mount.toBuilder().setContainerPath("/here").build());
  }

  @Test
  void canBeReadInBetween() {
    WireWriter writer = new WireWriter().string(1, "one");
    ByteString first = writer.toByteString();

    ByteString both = writer.string(2, "two").toByteString();

    assertThat(first).isEqualTo(RawWire.string(1, "one"));
    assertThat(both).isEqualTo(first.concat(RawWire.string(2, "two")));
  }

  @Test
  void writesMoreThanItsFirstBufferHolds() throws Exception {
    String large = "x".repeat(100_000);
    ByteString written =
        new WireWriter()
            .stringMap(PodSandboxConfig.LABELS_FIELD_NUMBER, Map.of("large", large))
            .string(PodSandboxConfig.HOSTNAME_FIELD_NUMBER, large)
            .toByteString();

    assertThat(PodSandboxConfig.parseFrom(written))
        .isEqualTo(
            PodSandboxConfig.newBuilder().setHostname(large).putLabels("large", large).build());
  }
}
