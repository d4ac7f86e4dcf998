package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import io.crirouter.core.internal.schema.FieldPath;
import io.crirouter.core.internal.schema.FieldSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/**
 * Bytes that may not be a message are read as protobuf-java reads them or refused, in one of the
 * two designed ways; nothing is read beyond the end.
 *
 * <p>Where protobuf-java and we differ, on purpose:
 *
 * <ul>
 *   <li>We refuse tags and lengths of more than 32 bits, and numbers of more than ten bytes ({@link
 *       OversizedNumbers}).
 *   <li>It refuses, and we pass on, what is wrong inside of fields that we have no reason to look
 *       into: text that is not UTF-8, malformed messages, map entries and packed numbers; and
 *       groups nested 100 deep within a message, of which it counts the depth too.
 * </ul>
 */
class DamagedMessagesTest {
  private static final ByteString NEIGHBOUR = RawWire.string(1, "alt__neighbour");

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void damagedMessagesAreReadAsProtobufReadsThemOrRefused(@ForAll long seed) throws Exception {
    for (RpcMessage type : RpcMessage.all()) {
      Random random = new Random(seed);
      ByteString message = new RandomWire(random).message(type.descriptor());
      check(type, Damage.of(message, random), "seed " + seed);
    }
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void noiseIsReadAsProtobufReadsItOrRefused(@ForAll long seed) throws Exception {
    for (RpcMessage type : RpcMessage.all()) {
      check(type, Damage.noise(new Random(seed ^ type.toString().hashCode())), "seed " + seed);
    }
  }

  @Property(tries = 5, shrinking = ShrinkingMode.OFF)
  void everyTruncationIsReadAsProtobufReadsItOrRefused(@ForAll long seed) throws Exception {
    for (RpcMessage type : RpcMessage.requests()) {
      ByteString message = new RandomWire(new Random(seed)).message(type.descriptor());
      for (int end = 0; end < Math.min(message.size(), 200); end++) {
        check(type, message.substring(0, end), "seed " + seed + " up to byte " + end);
      }
    }
  }

  /** Otherwise the properties above could hold because everything is refused, or nothing. */
  @Test
  void damageLeavesSomeMessagesReadableAndOthersNot() throws Exception {
    int readable = 0;
    int malformed = 0;
    for (RpcMessage type : RpcMessage.all()) {
      for (int i = 0; i < 20; i++) {
        Random random = new Random(i);
        ByteString message = new RandomWire(random).message(type.descriptor());
        boolean bad = rewrite(type, Damage.of(message, random)).malformed();
        malformed += bad ? 1 : 0;
        readable += bad ? 0 : 1;
      }
    }
    assertThat(readable).isGreaterThan(100);
    assertThat(malformed).isGreaterThan(100);
  }

  private static void check(RpcMessage type, ByteString bytes, String origin) throws Exception {
    String what = type + ", " + origin + ": " + Hex.of(bytes);
    boolean oursMayRefuse =
        type.parse(bytes).isEmpty() || OversizedNumbers.occurIn(bytes, type.descriptor());
    List<Attempt<?>> attempts = attempts(type, bytes);

    if (!oursMayRefuse) {
      assertThat(attempts).as(what).noneMatch(Attempt::malformed);
    }
    ByteString amidOthers = RawWire.amid(NEIGHBOUR, bytes, NEIGHBOUR);
    assertThat(attempts(type, amidOthers))
        .as("neighbours in the array must not matter: %s", what)
        .isEqualTo(attempts);
    Attempt<ByteString> rewritten = rewrite(type, bytes);
    if (rewritten.value().isPresent()) {
      sameReferences(type, bytes, rewritten.value().get(), what);
    }
    routingFieldsAgree(type, bytes, what);
  }

  /** Every way of reading the bytes. */
  private static List<Attempt<?>> attempts(RpcMessage type, ByteString bytes) throws Exception {
    List<Attempt<?>> attempts = new ArrayList<>();
    attempts.add(rewrite(type, bytes));
    attempts.add(Attempt.to(() -> WireMessage.parse(bytes).toByteString()));
    attempts.add(Attempt.to(() -> ByteString.copyFrom(MessageSplitter.split(bytes, 7))));
    attempts.add(downgrade(type, bytes));
    for (FieldPath path : type.singularReferences()) {
      attempts.add(Attempt.to(() -> new RoutingField(path).read(bytes)));
    }
    return attempts;
  }

  private static Attempt<ByteString> rewrite(RpcMessage type, ByteString bytes) throws Exception {
    RewritePlan plan = RewritePlan.translating(type.schema(), kind -> true);
    return Attempt.to(
        () -> plan == null ? bytes : Rewriter.rewrite(bytes, plan, Edits.all(Edit.PREPEND)));
  }

  private static Attempt<ByteString> downgrade(RpcMessage type, ByteString bytes) throws Exception {
    RewritePlan plan = RewritePlan.downgrading(type.schema());
    return Attempt.to(() -> plan == null ? bytes : Rewriter.rewrite(bytes, plan));
  }

  /** Protobuf must find in the result what it finds in the original, and the references edited. */
  private static void sameReferences(
      RpcMessage type, ByteString original, ByteString rewritten, String what) {
    Optional<DynamicMessage> expected =
        type.parse(original).map(message -> ByDescriptors.edited(message, Edits.all(Edit.PREPEND)));

    assertThat(type.parse(rewritten)).as(what).isEqualTo(expected);
  }

  private static void routingFieldsAgree(RpcMessage type, ByteString bytes, String what)
      throws Exception {
    Optional<DynamicMessage> message = type.parse(bytes);
    if (message.isEmpty()) {
      return;
    }
    for (FieldPath path : type.singularReferences()) {
      Attempt<String> read = Attempt.to(() -> new RoutingField(path).read(bytes));
      if (read.value().isPresent()) {
        assertThat(read.value()).as("%s of %s", path, what).hasValue(at(path, message.get()));
      }
    }
  }

  private static String at(FieldPath path, DynamicMessage message) {
    Object value = message;
    for (FieldSchema step : path.fields()) {
      DynamicMessage parent = (DynamicMessage) value;
      FieldDescriptor field = parent.getDescriptorForType().findFieldByNumber(step.number());
      value = parent.getField(field);
    }
    return (String) value;
  }
}
