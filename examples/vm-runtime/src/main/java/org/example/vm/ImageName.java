package org.example.vm;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an image: {@code [HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST]}.
 *
 * @param host empty for the runtime's own server
 * @param path the path on the host
 * @param tag {@code latest} if the name had none
 * @param digest {@code sha256:…} of the manifest, if the name has one
 */
record ImageName(String host, String path, String tag, Optional<String> digest) {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:(?<host>[a-zA-Z0-9-]+(?:(?:\\.[a-zA-Z0-9-]+)+(?::[0-9]+)?|:[0-9]+)|localhost)/)?"
              + "(?<path>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
              + "(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
              + "(?:@(?<digest>sha256:[0-9a-f]{64}))?");
  private static final int LONGEST = 512;

  /**
   * Parses a name.
   *
   * @throws IllegalArgumentException if it is invalid
   */
  static ImageName parse(String text) {
    Matcher name = NAME.matcher(text);
    if (text.length() > LONGEST || !name.matches() || text.contains("..")) {
      throw new IllegalArgumentException(
          "'" + text + "' is not an image name; write [HOST/]PATH[:TAG][@sha256:DIGEST]");
    }
    return new ImageName(
        Optional.ofNullable(name.group("host")).orElse(""),
        name.group("path"),
        Optional.ofNullable(name.group("tag")).orElse("latest"),
        Optional.ofNullable(name.group("digest")));
  }

  /** The URL of the image's folder: on the server, or by HTTPS on its own host. */
  URI folder(URI server) {
    String below = path + "/" + tag + "/";
    if (host.isEmpty()) {
      String base = server.toString();
      return URI.create(base + (base.endsWith("/") ? "" : "/") + below);
    }
    return URI.create("https://" + host + "/" + below);
  }

  /** The name with its tag and without digest, as in lists. */
  String tagged() {
    return repository() + ":" + tag;
  }

  /** The name without tag and digest. */
  String repository() {
    return host.isEmpty() ? path : host + "/" + path;
  }
}
