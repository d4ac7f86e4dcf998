package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Splicing bytes gives what parsing, editing and serializing gives, for every message type. */
class RewriterPropertyTest {
  private static final int TRIES = 40;

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void splicingEqualsParsingEditingAndSerializing(@ForAll long seed) throws Exception {
    for (RpcMessage type : RpcMessage.all()) {
      Random random = new Random(seed);
      ByteString message = RawWire.heldAnyhow(anyForm(type, random), random);
      spliceAndCompare(type, message, Edits.random(random), "seed " + seed);
    }
  }

  @Property(tries = TRIES / 4, shrinking = ShrinkingMode.OFF)
  void everyEditAloneEqualsItsSlowForm(@ForAll long seed) throws Exception {
    for (RpcMessage type : RpcMessage.all()) {
      ByteString message = new RandomWire(new Random(seed)).message(type.descriptor());
      for (Edit edit : Edit.values()) {
        spliceAndCompare(type, message, Edits.all(edit), "seed " + seed);
      }
    }
  }

  @Property(tries = TRIES / 4, shrinking = ShrinkingMode.OFF)
  void whatPrependingDoesDroppingUndoes(@ForAll long seed) throws Exception {
    for (RpcMessage type : RpcMessage.all()) {
      ByteString message = new RandomWire(new Random(seed)).message(type.descriptor());

      ByteString there = rewrite(type, message, Edits.all(Edit.PREPEND));
      ByteString andBack = rewrite(type, there, Edits.all(Edit.DROP_PREFIX));

      assertThat(type.require(andBack))
          .as("%s, seed %d", type, seed)
          .isEqualTo(type.require(message));
    }
  }

  /** Otherwise the properties above could hold because the messages are too tame. */
  @Test
  void randomMessagesHaveEveryReference() {
    Random random = new Random(1);
    for (RpcMessage type : RpcMessage.all()) {
      Set<String> paths = new TreeSet<>();
      type.schema().forEachReference((path, field) -> paths.add(path.toString()));
      Set<String> seen = new TreeSet<>();
      for (int i = 0; i < 400 && seen.size() < paths.size(); i++) {
        DynamicMessage message = type.require(new RandomWire(random).message(type.descriptor()));
        ByDescriptors.forEachReference(message, (path, value) -> seen.add(path));
      }
      assertThat(seen).as("references of random messages %s", type).isEqualTo(paths);
    }
  }

  /** Straight to the wire, or as protobuf writes it, or two of these one after the other. */
  private static ByteString anyForm(RpcMessage type, Random random) {
    ByteString raw = new RandomWire(random).message(type.descriptor());
    return switch (random.nextInt(4)) {
      case 0 -> type.require(raw).toByteString();
      case 1 -> type.require(raw).toByteString().concat(anyForm(type, random));
      default -> raw;
    };
  }

  private static ByteString rewrite(RpcMessage type, ByteString message, Edits edits)
      throws Exception {
    RewritePlan plan = RewritePlan.translating(type.schema(), edits::wants);
    return plan == null ? message : Rewriter.rewrite(message, plan, edits);
  }

  private static void spliceAndCompare(
      RpcMessage type, ByteString message, Edits edits, String origin) throws Exception {
    String what = type + " with " + edits + ", " + origin;
    byte[] before = message.toByteArray();

    ByteString spliced = rewrite(type, message, edits);

    assertThat(message.toByteArray()).as("original of %s", what).isEqualTo(before);
    if (edits.replaced() == 0) {
      assertThat(spliced).as("nothing to change in %s", what).isSameAs(message);
    }
    DynamicMessage expected = ByDescriptors.edited(type.require(message), edits);
    DynamicMessage actual = type.require(spliced);
    assertThat(actual).as(what).isEqualTo(expected);
    assertThat(actual.toByteString())
        .as("%s, with what equals() does not look at", what)
        .isEqualTo(expected.toByteString());
    assertThat(references(actual)).as(what).isEqualTo(references(expected));
  }

  private static List<String> references(DynamicMessage message) {
    List<String> references = new ArrayList<>();
    ByDescriptors.forEachReference(message, (path, value) -> references.add(path + "=" + value));
    return references;
  }
}
