package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/**
 * A message passes if protobuf's own parser takes it, and only then, but for the numbers that
 * {@link WireCursor} refuses and protobuf-java does not ({@link OversizedNumbers}).
 */
class WellFormedPropertyTest {
  private static final int MAX_DEPTH = 100;

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void whatProtobufTakesPasses(@ForAll long seed) throws Exception {
    for (RpcMessage type : merged()) {
      Random random = new Random(seed);
      ByteString message = new RandomWire(random).message(type.descriptor());

      assertThat(passes(type, RawWire.heldAnyhow(message, random)))
          .as("%s, seed %d: %s", type, seed, Hex.of(message))
          .isTrue();
    }
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void ofDamagedMessagesWhatProtobufTakesPassesAndNothingElse(@ForAll long seed) throws Exception {
    for (RpcMessage type : merged()) {
      Random random = new Random(seed);
      ByteString message = new RandomWire(random).message(type.descriptor());
      compare(type, Damage.of(message, random), "seed " + seed);
    }
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void ofNoiseWhatProtobufTakesPassesAndNothingElse(@ForAll long seed) throws Exception {
    for (RpcMessage type : merged()) {
      compare(type, Damage.noise(new Random(seed ^ type.toString().hashCode())), "seed " + seed);
    }
  }

  /** Damage hits a field deep inside of a message too rarely: here each is hit by itself. */
  @Test
  void everyFieldAtEveryDepthIsLookedInto() throws Exception {
    for (RpcMessage type : merged()) {
      damageEachField(type, type.descriptor(), List.of());
    }
  }

  @Test
  void groupsAndMessagesMayBeNestedAsDeeplyAsProtobufTakesThem() throws Exception {
    RpcMessage type = RpcMessage.responseOf("ListContainers");
    for (int groups = MAX_DEPTH - 4; groups <= MAX_DEPTH + 1; groups++) {
      ByteString nested = ByteString.EMPTY;
      for (int i = 0; i < groups; i++) {
        nested = RawWire.group(1000, nested);
      }
      compare(type, nested, groups + " groups");
      ByteString inItem = RawWire.bytes(1, nested);
      compare(type, inItem, groups + " groups in a message");
      ByteString behind = RawWire.bytes(1, RawWire.string(1, "id")).concat(nested);
      compare(type, behind, groups + " groups behind a message");
    }
  }

  /** Otherwise the properties above could hold because everything is refused, or nothing. */
  @Test
  void damageLeavesSomeMessagesWellFormedAndOthersNot() throws Exception {
    int passed = 0;
    int refused = 0;
    for (RpcMessage type : merged()) {
      for (int i = 0; i < 40; i++) {
        Random random = new Random(i);
        boolean passes =
            passes(type, Damage.of(new RandomWire(random).message(type.descriptor()), random));
        passed += passes ? 1 : 0;
        refused += passes ? 0 : 1;
      }
    }
    assertThat(passed).isGreaterThan(50);
    assertThat(refused).isGreaterThan(50);
  }

  private static List<RpcMessage> merged() {
    return RpcMessage.responses().stream().filter(type -> type.method().isMerged()).toList();
  }

  /** Puts what no parser may take into each field of a type, and into that what leads to it. */
  private static void damageEachField(RpcMessage root, Descriptor type, List<Integer> path)
      throws Exception {
    for (FieldDescriptor field : type.getFields()) {
      for (ByteString bad : List.of(RawWire.utf8("a").concat(brokenText()), brokenNumber())) {
        compare(root, within(path, RawWire.bytes(field.getNumber(), bad)), field.getFullName());
      }
      if (field.getJavaType() == JavaType.MESSAGE) {
        List<Integer> below = new ArrayList<>(path);
        below.add(field.getNumber());
        damageEachField(root, field.getMessageType(), below);
      }
    }
  }

  private static ByteString brokenText() {
    return ByteString.copyFrom(new byte[] {(byte) 0xc3});
  }

  /** The beginning of a number, and of a field. */
  private static ByteString brokenNumber() {
    return ByteString.copyFrom(new byte[] {(byte) 0x88});
  }

  private static ByteString within(List<Integer> path, ByteString message) {
    ByteString whole = message;
    for (int i = path.size() - 1; i >= 0; i--) {
      whole = RawWire.bytes(path.get(i), whole);
    }
    return whole;
  }

  private static void compare(RpcMessage type, ByteString bytes, String origin) throws Exception {
    boolean protobufTakesIt = type.parse(bytes).isPresent();
    if (protobufTakesIt && OversizedNumbers.occurIn(bytes, type.descriptor())) {
      return;
    }
    assertThat(passes(type, bytes))
        .as("%s, %s: %s", type, origin, Hex.of(bytes))
        .isEqualTo(protobufTakesIt);
  }

  private static boolean passes(RpcMessage type, ByteString bytes) throws Exception {
    return !Attempt.to(
            () -> {
              WellFormed.require(bytes, type.schema());
              return true;
            })
        .malformed();
  }
}
