package io.crirouter.core;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * Headers or trailers of a call. The router never reads them: they pass from the client to the
 * runtime (trace context, say) and back (status details). The values of one name keep their order;
 * the order of different names has no meaning. Immutable.
 */
public final class CallMetadata {
  /** No headers. */
  public static final CallMetadata EMPTY = new CallMetadata(List.of());

  private final List<Entry> entries;

  private CallMetadata(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * One header.
   *
   * @param key lower-case name; one that ends in {@code -bin} has a binary value
   * @param value the value's bytes, decoded (not base64) where it is binary, ASCII otherwise
   */
  public record Entry(String key, ByteString value) {}

  /** Metadata with these entries, in this order. */
  public static CallMetadata of(List<Entry> entries) {
    return entries.isEmpty() ? EMPTY : new CallMetadata(List.copyOf(entries));
  }

  /** The entries. */
  public List<Entry> entries() {
    return entries;
  }

  /** This metadata with one more entry at its end. */
  public CallMetadata with(String key, ByteString value) {
    List<Entry> more = new ArrayList<>(entries);
    more.add(new Entry(key, value));
    return of(more);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CallMetadata that && entries.equals(that.entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }

  /** Names only: values may hold credentials. */
  @Override
  public String toString() {
    return entries.stream().map(Entry::key).toList().toString();
  }
}
