package io.crirouter.testkit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The normalized name of an image, as in containerd: {@code busybox} is {@code
 * docker.io/library/busybox:latest}. If a name has a tag and a digest, the tag is dropped.
 *
 * @param repository registry and path, {@code docker.io/library/busybox}
 * @param tag the tag, empty where there is a digest
 * @param digest {@code sha256:...}, empty where there is a tag
 */
record ImageName(String repository, String tag, String digest) {
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern VALID =
      Pattern.compile(
          "(?<name>(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?"
              + COMPONENT
              + "(?:/"
              + COMPONENT
              + ")*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?");
  private static final Pattern BARE_ID = Pattern.compile("(?:sha256:)?[0-9a-f]{64}");

  /** Normalizes {@code name}; empty if it is not the name of an image. */
  static Optional<ImageName> parse(String name) {
    Matcher matcher = VALID.matcher(name);
    if (!matcher.matches() || BARE_ID.matcher(name).matches()) {
      return Optional.empty();
    }
    String digest = matcher.group("digest");
    String tag = matcher.group("tag");
    String repository = repository(matcher.group("name"));
    if (digest != null) {
      return Optional.of(new ImageName(repository, "", digest));
    }
    return Optional.of(new ImageName(repository, tag == null ? "latest" : tag, ""));
  }

  private static String repository(String name) {
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    boolean isRegistry = first.contains(".") || first.contains(":") || first.equals("localhost");
    if (!isRegistry) {
      return "docker.io/" + (slash < 0 ? "library/" : "") + name;
    }
    String path = name.substring(slash + 1);
    if (!first.equals("docker.io") && !first.equals("index.docker.io")) {
      return name;
    }
    return "docker.io/" + (path.contains("/") ? "" : "library/") + path;
  }

  /** The name in full. */
  String full() {
    return digest.isEmpty() ? repository + ":" + tag : repository + "@" + digest;
  }

  @Override
  public String toString() {
    return full();
  }
}
