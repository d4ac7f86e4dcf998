package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableBiMap;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import java.util.Map;

/** Renames runtime handlers between pods and one runtime. Immutable. */
final class RuntimeHandlers {
  /** From the names that pods use to the runtime's. */
  private final ImmutableBiMap<String, String> names;

  /** Renames the keys to the values; the values are distinct. */
  RuntimeHandlers(Map<String, String> renamed) {
    this.names = ImmutableBiMap.copyOf(renamed);
  }

  /** Whether no handler is renamed. */
  boolean areUnchanged() {
    return names.isEmpty();
  }

  /** The name that pods use for the runtime's handler. */
  String toClient(String handler) {
    return names.inverse().getOrDefault(handler, handler);
  }

  void toRuntime(byte[] buffer, int start, int end, Replacement replacement) {
    rename(names, buffer, start, end, replacement);
  }

  void toClient(byte[] buffer, int start, int end, Replacement replacement) {
    rename(names.inverse(), buffer, start, end, replacement);
  }

  private static void rename(
      Map<String, String> names, byte[] buffer, int start, int end, Replacement replacement) {
    if (names.isEmpty()) {
      return;
    }
    String renamed = names.get(new String(buffer, start, end - start, UTF_8));
    if (renamed != null) {
      replacement.replaceStart(end - start, renamed.getBytes(UTF_8));
    }
  }
}
