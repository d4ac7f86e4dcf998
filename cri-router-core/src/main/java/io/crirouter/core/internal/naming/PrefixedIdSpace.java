package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Ids that begin with a prefix. They are translated without reading them. Immutable. */
final class PrefixedIdSpace implements IdSpace {
  private final String prefix;
  private final byte[] bytes;

  PrefixedIdSpace(String prefix) {
    this.prefix = prefix;
    this.bytes = prefix.getBytes(UTF_8);
  }

  @Override
  public boolean contains(String clientId) {
    return clientId.startsWith(prefix);
  }

  @Override
  public @Nullable String toRuntime(String clientId) {
    return contains(clientId) ? clientId.substring(prefix.length()) : null;
  }

  @Override
  public String toClient(String id) {
    return prefix + id;
  }

  @Override
  public boolean allBeginWith(String start) {
    return prefix.startsWith(start);
  }

  @Override
  public boolean toRuntime(byte[] buffer, int start, int end, Replacement replacement) {
    // A filter by a part of the prefix matches every id.
    int length = Math.min(end - start, bytes.length);
    boolean isOwn = Arrays.equals(buffer, start, start + length, bytes, 0, length);
    if (isOwn) {
      replacement.dropStart(length);
    }
    return isOwn;
  }

  @Override
  public void toClient(byte[] buffer, int start, int end, Replacement replacement) {
    replacement.prepend(bytes);
  }

  @Override
  public String toString() {
    return prefix;
  }
}
