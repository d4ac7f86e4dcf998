package io.crirouter.core.internal.wire;

import io.crirouter.core.RpcException;
import io.crirouter.proto.routing.Reference;

/** Translates references in a message. */
@FunctionalInterface
public interface ReferenceTranslator {
  /**
   * Translates one reference. It stays unchanged unless {@code replacement} is called.
   *
   * @param kind what the value refers to
   * @param buffer contains the value; must not be changed
   * @param start the value's first byte
   * @param end after its last byte
   * @param replacement receives the new value
   * @throws RpcException if the message is refused
   */
  void translate(Reference kind, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException;

  /** Takes the new value of a reference: some leading bytes are dropped and others inserted. */
  @FunctionalInterface
  interface Replacement {
    /** What {@link #dropStart} inserts. */
    byte[] NOTHING = {};

    /**
     * Replaces the first bytes by {@code start}; called once at most. The array must not be changed
     * afterwards.
     */
    void replaceStart(int count, byte[] start);

    /** Inserts {@code prefix} before the value. The array must not be changed afterwards. */
    default void prepend(byte[] prefix) {
      replaceStart(0, prefix);
    }

    /** Drops the value's first {@code count} bytes. */
    default void dropStart(int count) {
      replaceStart(count, NOTHING);
    }
  }
}
