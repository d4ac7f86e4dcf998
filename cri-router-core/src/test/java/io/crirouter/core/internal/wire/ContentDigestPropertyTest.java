package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.PodSandbox;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** What a list says of one thing is the same in every order of map entries, and else different. */
class ContentDigestPropertyTest {
  /** The entries of lists, with the field in which the order does not matter either. */
  private static final Map<Message, Integer> TYPES =
      Map.of(
          PodSandbox.getDefaultInstance(), 0,
          Container.getDefaultInstance(), Container.IMAGE_FIELD_NUMBER,
          Image.getDefaultInstance(), Image.SPEC_FIELD_NUMBER);

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void theOrderOfMapEntriesDoesNotMatter(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    for (Message type : TYPES.keySet()) {
      Message message = random(type, random);
      ByteString one = shuffled(message, random);
      ByteString other = shuffled(message, random);

      assertThat(ContentDigest.areEqual(one, other, TYPES.get(type)))
          .as("seed %d: %s", seed, message)
          .isTrue();
      assertThat(ContentDigest.areEqual(one, RawWire.heldAnyhow(other, random), TYPES.get(type)))
          .isTrue();
    }
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void messagesAreEqualOnlyIfProtobufSaysSo(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    for (Message type : TYPES.keySet()) {
      Message message = random(type, random);
      ByteString changed = flipped(message.toByteString(), random);
      Attempt<Message> parsed = parsed(type, changed);
      if (parsed.value().isPresent()) {
        compare(message, parsed.value().get(), TYPES.get(type), "seed " + seed, random);
      }
      compare(message, random(type, random), TYPES.get(type), "seed " + seed, random);
    }
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  void bytesAreTheSameHoweverTheyAreHeld(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    ByteString bytes = random(Container.getDefaultInstance(), random).toByteString();
    ByteString end = bytes.substring(random.nextInt(bytes.size() + 1));
    ByteString held = RawWire.heldAnyhow(bytes, random);

    assertThat(ContentDigest.areSame(held, RawWire.heldAnyhow(bytes, random))).isTrue();
    assertThat(ContentDigest.areSame(held, RawWire.heldAnyhow(end, random)))
        .isEqualTo(bytes.equals(end));
    assertThat(ContentDigest.endsWith(held, end.toByteArray())).isTrue();
    assertThat(ContentDigest.endsWith(end, bytes.toByteArray())).isEqualTo(bytes.equals(end));
    if (!bytes.isEmpty()) {
      ByteString other = RawWire.heldAnyhow(flipped(bytes, random), random);
      assertThat(ContentDigest.areSame(held, other)).isFalse();
      assertThat(ContentDigest.endsWith(other, bytes.toByteArray())).isFalse();
    }
  }

  @Test
  void valuesThatChangePlacesMakeADifference() throws Exception {
    PodSandbox one = PodSandbox.newBuilder().putLabels("a", "b").putLabels("c", "d").build();
    PodSandbox other = PodSandbox.newBuilder().putLabels("a", "d").putLabels("c", "b").build();
    PodSandbox elsewhere =
        PodSandbox.newBuilder().putAnnotations("a", "b").putLabels("c", "d").build();

    assertThat(ContentDigest.areEqual(one.toByteString(), other.toByteString(), 0)).isFalse();
    assertThat(ContentDigest.areEqual(one.toByteString(), elsewhere.toByteString(), 0)).isFalse();
  }

  /** A sum of equal parts must not vanish, as it would if they were XOR-ed. */
  @Test
  void partsThatOccurTwiceCount() throws Exception {
    Image one = Image.newBuilder().addRepoTags("a").addRepoTags("a").addRepoTags("b").build();
    Image other = Image.newBuilder().addRepoTags("c").addRepoTags("c").addRepoTags("b").build();

    assertThat(ContentDigest.areEqual(one.toByteString(), other.toByteString(), 7)).isFalse();
  }

  private static void compare(Message one, Message other, int nested, String origin, Random random)
      throws Exception {
    // The order of tags makes no difference to us, which is another than protobuf's equality.
    assertThat(ContentDigest.areEqual(shuffled(one, random), shuffled(other, random), nested))
        .as("%s: %s and %s", origin, one, other)
        .isEqualTo(sorted(one).equals(sorted(other)));
  }

  private static Attempt<Message> parsed(Message type, ByteString bytes) throws Exception {
    return Attempt.to(
        () -> {
          try {
            return type.getParserForType().parseFrom(bytes);
          } catch (InvalidProtocolBufferException e) {
            throw new MalformedMessageException(e.getMessage());
          }
        });
  }

  /** One bit is another: the size stays, which is what is compared first. */
  private static ByteString flipped(ByteString message, Random random) {
    byte[] bytes = message.toByteArray();
    if (bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return ByteString.copyFrom(bytes);
  }

  /** As a serializer would write it, known fields only. */
  private static Message random(Message type, Random random) throws Exception {
    ByteString wire = new RandomWire(random).message(type.getDescriptorForType());
    Message.Builder message = type.newBuilderForType().mergeFrom(wire);
    message.setUnknownFields(UnknownFieldSet.getDefaultInstance());
    return message.build();
  }

  /** The message as Go writes it: the entries of each map in an order of their own. */
  private static ByteString shuffled(Message message, Random random) {
    List<ByteString> fields = new ArrayList<>();
    message
        .getAllFields()
        .forEach((field, value) -> fields.add(shuffled(message, field, value, random)));
    fields.add(message.getUnknownFields().toByteString());
    return ByteString.copyFrom(fields);
  }

  private static ByteString shuffled(
      Message message, FieldDescriptor field, Object value, Random random) {
    if (field.isMapField()) {
      List<ByteString> entries = new ArrayList<>();
      for (Object entry : (List<?>) value) {
        entries.add(RawWire.bytes(field.getNumber(), ((Message) entry).toByteString()));
      }
      Collections.shuffle(entries, random);
      return ByteString.copyFrom(entries);
    }
    if (value instanceof Message nested && field.getMessageType().getName().equals("ImageSpec")) {
      return RawWire.bytes(field.getNumber(), shuffled(nested, random));
    }
    return message.newBuilderForType().setField(field, value).build().toByteString();
  }

  private static Message sorted(Message message) {
    if (!(message instanceof Image image)) {
      return message;
    }
    Image.Builder sorted = image.toBuilder().clearRepoTags().clearRepoDigests();
    image.getRepoTagsList().stream().sorted().forEach(sorted::addRepoTags);
    image.getRepoDigestsList().stream().sorted().forEach(sorted::addRepoDigests);
    return sorted.build();
  }
}
