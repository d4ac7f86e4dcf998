package io.crirouter.core.lastknown;

import com.google.protobuf.ByteString;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.core.wire.WireWriter;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One kind of things that a runtime has: its last unfiltered answer, as it was, and what changed
 * since that was asked for. Put together only when somebody needs it, so that an answer that passes
 * costs nothing but a reference. Thread-safe.
 *
 * <p>Questions and changes carry numbers in the order in which questions were sent and changes
 * became known. An answer replaces what was known only if it was asked for later than the one
 * before, and changes that became known after its question stay applied: a late answer brings back
 * nothing that is gone and loses nothing that is new.
 */
final class KnownList {
  /** More changes than any node makes between two lists; then they are folded into the list. */
  private static final int MAX_CHANGES = 4096;

  private final int itemsField;
  private final int idField;
  private final Deque<Numbered> changes = new ArrayDeque<>();
  private final Runnable onChange;
  private ByteString answer = ByteString.EMPTY;
  private long askedAt = -1;

  /** When that was asked for; of no meaning for what was known before a restart. */
  private long askedNanos;

  private record Numbered(long number, Change change) {}

  /**
   * @param itemsField the field of the response that holds the items
   * @param idField the field of an item that holds its id
   * @param onChange told after each change of what is known
   */
  KnownList(int itemsField, int idField, Runnable onChange) {
    this.itemsField = itemsField;
    this.idField = idField;
    this.onChange = onChange;
  }

  /** Begins with what was known before a restart, which any answer replaces. */
  synchronized void restore(ByteString response) {
    answer = response;
    askedAt = 0;
  }

  /** Whether the runtime has ever said what it has. */
  synchronized boolean isKnown() {
    return askedAt >= 0;
  }

  /** Whether the last answer is to a question that was sent at this time or later. */
  synchronized boolean wasAskedSince(long nanos) {
    return askedAt > 0 && askedNanos - nanos >= 0;
  }

  /**
   * The runtime answered an unfiltered question.
   *
   * @param asked the number of the question
   * @param nanos when it was sent
   */
  void answered(long asked, long nanos, ByteString response) {
    boolean news;
    synchronized (this) {
      if (asked < askedAt) {
        return;
      }
      news = !isKnown() || !answer.equals(response);
      askedAt = asked;
      askedNanos = nanos;
      if (news) {
        // Else the older of two equal answers stays: it has survived garbage collections already.
        answer = response;
      }
      changes.removeIf(change -> change.number < asked);
    }
    if (news) {
      onChange.run();
    }
  }

  /** Something changed; {@code number} is higher than all before. */
  void changed(long number, Change change) throws MalformedMessageException {
    synchronized (this) {
      changes.add(new Numbered(number, change));
      if (changes.size() > MAX_CHANGES) {
        makeRoom();
      }
    }
    onChange.run();
  }

  private void makeRoom() throws MalformedMessageException {
    if (isKnown()) {
      answer = toResponse(items());
      changes.clear();
    } else {
      changes.remove();
    }
  }

  /** What the runtime has, in the order of its own list. */
  synchronized Collection<WireMessage> current() throws MalformedMessageException {
    return items().values();
  }

  /** The list as a response, for keeping it. */
  synchronized ByteString toResponse() throws MalformedMessageException {
    return changes.isEmpty() ? answer : toResponse(items());
  }

  /** A response that has {@code some} of the items. */
  ByteString toResponse(Iterable<WireMessage> some) {
    WireWriter response = new WireWriter();
    some.forEach(item -> response.message(itemsField, item.toByteString()));
    return response.toByteString();
  }

  private ByteString toResponse(Map<String, WireMessage> items) {
    return toResponse(items.values());
  }

  private Map<String, WireMessage> items() throws MalformedMessageException {
    Map<String, WireMessage> items = new LinkedHashMap<>();
    for (WireMessage item : WireMessage.parse(answer).messages(itemsField)) {
      items.put(item.string(idField), item);
    }
    for (Numbered change : changes) {
      change.change.applyTo(items);
    }
    return items;
  }
}
