package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;

/**
 * One pod sandbox, container or image as its runtime lists it. Immutable but for the number of its
 * newest report.
 *
 * @param id its id
 * @param group for a pod sandbox the uid of its pod, for a container the id of its pod sandbox;
 *     else empty
 * @param seen for a pod sandbox when the kubelet first saw the pod (see {@link ConfigSeen})
 * @param state for a pod sandbox or container the number of its state; else 0
 * @param createdAt for a pod sandbox when it was created, in nanoseconds since 1970
 * @param bytes the entry of the list, serialized
 * @param reports when it was reported
 */
record Item(
    String id,
    String group,
    String seen,
    long state,
    long createdAt,
    ByteString bytes,
    Reports reports) {

  /** Of the reports of one object, the sequence numbers of the newest and of the first. */
  static final class Reports {
    private long newest;
    private final long first;

    Reports(long newest, long first) {
      this.newest = newest;
      this.first = first;
    }

    /** One report. */
    static Reports of(long number) {
      return new Reports(number, number);
    }
  }

  /** The sequence number of the newest report of it (see {@link Inventory}). */
  long number() {
    return reports.newest;
  }

  /**
   * The sequence number of the response or event that first reported it; for a late response it is
   * higher.
   */
  long firstNumber() {
    return reports.first;
  }

  /** The same object, reported once more as it was, perhaps with its fields in another order. */
  Item repeatedBy(ByteString newBytes, long newNumber) {
    Reports repeated = new Reports(newNumber, firstNumber());
    return new Item(id, group, seen, state, createdAt, newBytes, repeated);
  }

  /** A newer report does not change the object. */
  void confirm(long newNumber) {
    reports.newest = newNumber;
  }

  /** What is left of an object whose runtime was removed. */
  Item withIdOnly(int idField) {
    ByteString entry = new WireWriter().string(idField, id).toByteString();
    return new Item(id, "", "", 0, 0, entry, reports);
  }

  /** The same object in another state. */
  Item withState(int stateField, long newState, long newNumber) throws MalformedMessageException {
    ByteString changed =
        new WireWriter()
            .raw(WireMessage.parse(bytes).without(stateField))
            .number(stateField, newState)
            .toByteString();
    Reports reported = new Reports(newNumber, firstNumber());
    return new Item(id, group, seen, newState, createdAt, changed, reported);
  }
}
