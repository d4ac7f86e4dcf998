package io.crirouter.core.internal.wire;

import io.crirouter.core.RpcException;
import io.crirouter.proto.routing.Reference;

/** Decides what becomes of each reference in a message. */
@FunctionalInterface
public interface ReferenceTranslator {
  /**
   * Looks at one reference. Unless it calls {@code replacement}, the reference stays as it is.
   *
   * @param kind what the value refers to
   * @param buffer holds the value; not to be changed
   * @param start the value's first byte
   * @param end behind its last byte
   * @param replacement takes the new value
   * @throws RpcException if the message must not pass
   */
  void translate(Reference kind, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException;

  /** The new value of a reference: some leading bytes are dropped, others put in their place. */
  final class Replacement {
    private static final byte[] NOTHING = {};

    boolean replaced;
    int dropped;
    byte[] inserted = NOTHING;

    void reset() {
      replaced = false;
      dropped = 0;
      inserted = NOTHING;
    }

    /** Puts {@code prefix}, which is never changed afterwards, before the value. */
    public void prepend(byte[] prefix) {
      replaceStart(0, prefix);
    }

    /** Drops the value's first {@code count} bytes. */
    public void dropStart(int count) {
      replaceStart(count, NOTHING);
    }

    /** Puts {@code start}, which is never changed afterwards, in place of the first bytes. */
    public void replaceStart(int count, byte[] start) {
      replaced = true;
      dropped = count;
      inserted = start;
    }
  }
}
