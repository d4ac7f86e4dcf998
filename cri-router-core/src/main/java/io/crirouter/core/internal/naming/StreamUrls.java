package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import java.util.Optional;

/**
 * The URLs of the streams of Exec, Attach and PortForward. A kubelet needs absolute ones; runtimes
 * also answer {@code //host:port/...} and bare paths.
 */
final class StreamUrls {
  private static final byte[] SCHEME = "http:".getBytes(UTF_8);

  private final byte[] base;

  StreamUrls(Optional<String> baseUrl) {
    this.base = baseUrl.map(StreamUrls::withoutSlash).orElse("").getBytes(UTF_8);
  }

  private static String withoutSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  void toClient(byte[] buffer, int start, int end, Replacement replacement) {
    boolean slash = end > start && buffer[start] == '/';
    boolean slashes = slash && end > start + 1 && buffer[start + 1] == '/';
    if (slashes) {
      replacement.prepend(SCHEME);
    } else if (slash && base.length > 0) {
      replacement.prepend(base);
    }
  }
}
