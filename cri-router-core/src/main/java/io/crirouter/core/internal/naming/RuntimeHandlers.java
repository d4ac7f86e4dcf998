package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import java.util.HashMap;
import java.util.Map;

/** Renames runtime handlers between pods and one runtime. Immutable. */
public final class RuntimeHandlers {
  private final Map<String, String> toRuntime;
  private final Map<String, String> toClient;

  /** Renames the keys to the values; the values are distinct. */
  public RuntimeHandlers(Map<String, String> renamed) {
    this.toRuntime = Map.copyOf(renamed);
    Map<String, String> reverse = new HashMap<>();
    renamed.forEach((podsName, runtimesName) -> reverse.put(runtimesName, podsName));
    this.toClient = Map.copyOf(reverse);
  }

  /** Whether no handler is renamed. */
  public boolean areUnchanged() {
    return toRuntime.isEmpty();
  }

  /** The name that pods use for the runtime's handler. */
  public String toClient(String handler) {
    return toClient.getOrDefault(handler, handler);
  }

  void toRuntime(byte[] buffer, int start, int end, Replacement replacement) {
    rename(toRuntime, buffer, start, end, replacement);
  }

  void toClient(byte[] buffer, int start, int end, Replacement replacement) {
    rename(toClient, buffer, start, end, replacement);
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
