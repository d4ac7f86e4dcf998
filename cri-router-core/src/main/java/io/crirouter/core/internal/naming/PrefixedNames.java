package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Names that begin with a prefix. In messages they are translated without reading them. Immutable.
 */
final class PrefixedNames implements NameSpace {
  private final String prefix;
  private final byte[] bytes;

  PrefixedNames(String prefix) {
    this.prefix = prefix;
    this.bytes = prefix.getBytes(UTF_8);
  }

  @Override
  public boolean owns(String clientName) {
    return clientName.startsWith(prefix);
  }

  @Override
  public boolean allBeginWith(String start) {
    return prefix.startsWith(start);
  }

  @Override
  public @Nullable String toRuntime(String clientName) {
    return owns(clientName) ? clientName.substring(prefix.length()) : null;
  }

  @Override
  public String toClient(String name) {
    return prefix + name;
  }

  @Override
  public boolean toRuntime(byte[] buffer, int start, int end, Replacement replacement) {
    int prefixEnd = start + bytes.length;
    boolean isOwn =
        prefixEnd <= end && Arrays.equals(buffer, start, prefixEnd, bytes, 0, bytes.length);
    if (isOwn) {
      replacement.dropStart(bytes.length);
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
