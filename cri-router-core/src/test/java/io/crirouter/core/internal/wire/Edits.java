package io.crirouter.core.internal.wire;

import io.crirouter.proto.routing.Reference;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** One {@link Edit} for each kind of reference that is to be translated. Counts replacements. */
final class Edits implements ReferenceTranslator {
  /** Every kind of reference that can be translated. */
  static final Set<Reference> KINDS =
      EnumSet.complementOf(
          EnumSet.of(Reference.REFERENCE_UNSPECIFIED, Reference.NONE, Reference.UNRECOGNIZED));

  private final Map<Reference, Edit> edits;
  private int replaced;

  private Edits(Map<Reference, Edit> edits) {
    this.edits = edits;
  }

  /** The same for every kind. */
  static Edits all(Edit edit) {
    Map<Reference, Edit> edits = new EnumMap<>(Reference.class);
    KINDS.forEach(kind -> edits.put(kind, edit));
    return new Edits(edits);
  }

  /** Any for each of some kinds; the other kinds are not even shown to the translator. */
  static Edits random(Random random) {
    Edit[] choice = Edit.values();
    Map<Reference, Edit> edits = new EnumMap<>(Reference.class);
    for (Reference kind : KINDS) {
      if (random.nextInt(4) != 0) {
        edits.put(kind, choice[random.nextInt(choice.length)]);
      }
    }
    return new Edits(edits);
  }

  boolean wants(Reference kind) {
    return edits.containsKey(kind);
  }

  /** How many references were replaced since this was made. */
  int replaced() {
    return replaced;
  }

  /** The new value. */
  String edited(Reference kind, String value) {
    Edit edit = edits.get(kind);
    return edit == null || value.isEmpty() ? value : edit.edited(value);
  }

  @Override
  public void translate(
      Reference kind, byte[] buffer, int start, int end, Replacement replacement) {
    Edit edit = edits.get(kind);
    if (edit == null) {
      throw new AssertionError("asked about a " + kind + ", which was not wanted");
    }
    if (end > start) {
      edit.edit(
          buffer,
          start,
          end,
          (count, with) -> {
            replaced++;
            replacement.replaceStart(count, with);
          });
    }
  }

  @Override
  public String toString() {
    return edits.toString();
  }
}
