package io.crirouter.examples.criproxy.config;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The shapes of the values of a configuration. */
final class Values {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
  private static final Pattern BYTES = Pattern.compile("([0-9]{1,9})(Ki|Mi|Gi)?");
  private static final Map<String, Duration> UNITS = units();
  private static final Map<String, Integer> SHIFTS = Map.of("Ki", 10, "Mi", 20, "Gi", 30);
  private static final String SCHEME = "unix://";

  /** The permissions of a mode's bits, from the lowest to the highest. */
  private static final List<PosixFilePermission> BITS =
      List.of(
          PosixFilePermission.OTHERS_EXECUTE,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.OWNER_EXECUTE,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_READ);

  static final ValueShape<String> TEXT =
      text("text", "^.+$", value -> require(!value.isEmpty(), value, "expected text"));
  static final ValueShape<Path> FILE =
      text("an absolute path", "^/.+$", value -> path(value, value, "write an absolute path"));
  static final ValueShape<Path> SOCKET =
      text("/PATH or unix:///PATH of a socket", "^(unix://)?/.+$", Values::socket);
  static final ValueShape<Optional<Path>> SOCKET_OR_OFF =
      text(
          "/PATH or unix:///PATH of a socket, or off",
          "^((unix://)?/.+|off)$",
          value -> value.equals("off") ? Optional.empty() : Optional.of(socket(value)));
  static final ValueShape<BackendName> NAME =
      text("the name of a backend", "^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$", BackendName::of);
  static final ValueShape<String> ID_PREFIX =
      text("1 to 4 lower-case letters or digits", "^[a-z0-9]{1,4}$", Values::idPrefix);
  static final ValueShape<Set<PosixFilePermission>> MODE =
      new ValueShape<>(
          "an octal mode such as 0660", Values::mode, Map.of("type", List.of("string", "integer")));
  static final ValueShape<Duration> DURATION_VALUE =
      text("a time such as 500ms, 5s or 10m", "^[0-9]{1,9}(ms|s|m|h)$", Values::duration);
  static final ValueShape<Long> BYTES_VALUE =
      new ValueShape<>(
          "a size such as 65536, 64Ki or 16Mi",
          value -> bytes(value, Long.MAX_VALUE),
          sizeSchema());
  static final ValueShape<Integer> MESSAGE_BYTES =
      new ValueShape<>(
          "a size such as 65536, 64Ki or 16Mi",
          value -> (int) bytes(value, Integer.MAX_VALUE),
          sizeSchema());
  static final ValueShape<Integer> COUNT = number(1);
  static final ValueShape<Integer> WEIGHT = number(0);
  static final ValueShape<Integer> UID = number(0);
  static final ValueShape<Double> RATIO =
      new ValueShape<>(
          "a number from 0 to 1",
          Values::ratio,
          Map.of("type", "number", "minimum", 0, "maximum", 1));
  static final ValueShape<Pattern> PATTERN = text("a regular expression", "^.+$", Values::pattern);
  static final ValueShape<String> URL = text("a URL", "^https?://.+$", Values::url);

  private Values() {}

  private static Map<String, Duration> units() {
    Map<String, Duration> units = new LinkedHashMap<>();
    units.put("h", Duration.ofHours(1));
    units.put("m", Duration.ofMinutes(1));
    units.put("s", Duration.ofSeconds(1));
    units.put("ms", Duration.ofMillis(1));
    return Collections.unmodifiableMap(units);
  }

  private static <T> ValueShape<T> text(
      String expected, String pattern, Function<String, T> parser) {
    return new ValueShape<>(expected, parser, Map.of("type", "string", "pattern", pattern));
  }

  private static Map<String, Object> sizeSchema() {
    return Map.of(
        "type", List.of("string", "integer"), "pattern", "^[0-9]{1,9}(Ki|Mi|Gi)?$", "minimum", 1);
  }

  /** A shape of a fixed set of words. */
  static <T> ValueShape<T> choice(Map<String, T> byWord) {
    List<String> words = List.copyOf(byWord.keySet());
    return new ValueShape<>(
        "one of " + String.join(", ", words),
        value -> {
          T chosen = byWord.get(value);
          if (chosen == null) {
            throw new IllegalArgumentException(
                "'" + value + "' is not accepted" + Nearest.accepted(value, words));
          }
          return chosen;
        },
        Map.of("enum", words));
  }

  private static ValueShape<Integer> number(int minimum) {
    return new ValueShape<>(
        "a number from " + minimum + " on",
        value -> {
          boolean isValid = value.matches("[0-9]{1,9}") && Integer.parseInt(value) >= minimum;
          String message = "'" + value + "' is not a number from " + minimum + " to 999999999";
          return Integer.parseInt(require(isValid, value, message));
        },
        Map.of("type", "integer", "minimum", minimum));
  }

  private static double ratio(String value) {
    boolean isValid = value.matches("0|1|1\\.0{1,9}|0?\\.[0-9]{1,9}");
    return Double.parseDouble(
        require(isValid, value, "'" + value + "' is not a number from 0 to 1: write 0.01, say"));
  }

  private static String require(boolean isValid, String value, String message) {
    if (!isValid) {
      throw new IllegalArgumentException(message);
    }
    return value;
  }

  private static Path socket(String value) {
    String path = value.startsWith(SCHEME) ? value.substring(SCHEME.length()) : value;
    return path(path, value, "write /PATH or unix:///PATH");
  }

  private static Path path(String path, String written, String form) {
    try {
      String message = "'" + written + "' is not an absolute path: " + form;
      return Path.of(require(path.startsWith("/"), path, message));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + written + "' is not a path: " + e.getReason(), e);
    }
  }

  private static String idPrefix(String value) {
    BackendOptions unused = BackendOptions.DEFAULT.withIdPrefix(value);
    return value;
  }

  private static Set<PosixFilePermission> mode(String value) {
    String message = "'" + value + "' is not a mode: write three octal digits, 0600 or 0660, say";
    int bits = Integer.parseInt(require(value.matches("0?[0-7]{3}"), value, message), 8);
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < BITS.size(); i++) {
      if ((bits & (1 << i)) != 0) {
        permissions.add(BITS.get(i));
      }
    }
    return permissions;
  }

  private static Duration duration(String value) {
    Matcher parts = DURATION.matcher(value);
    long count = parts.matches() ? Long.parseLong(parts.group(1)) : 0;
    if (count == 0) {
      throw new IllegalArgumentException(
          "'" + value + "' is not a time above zero: write 500ms, 5s, 10m or 1h, say");
    }
    return UNITS.getOrDefault(parts.group(2), Duration.ZERO).multipliedBy(count);
  }

  /** A duration in the form of the configuration, in the largest unit without a fraction. */
  static String text(Duration duration) {
    for (Map.Entry<String, Duration> unit : UNITS.entrySet()) {
      long millis = unit.getValue().toMillis();
      if (duration.toMillis() % millis == 0) {
        return duration.toMillis() / millis + unit.getKey();
      }
    }
    return duration.toMillis() + "ms";
  }

  private static long bytes(String value, long maximum) {
    Matcher parts = BYTES.matcher(value);
    if (parts.matches()) {
      String unit = parts.group(2);
      long bytes =
          Long.parseLong(parts.group(1)) << SHIFTS.getOrDefault(unit == null ? "" : unit, 0);
      if (bytes > 0 && bytes <= maximum) {
        return bytes;
      }
    }
    throw new IllegalArgumentException(
        "'"
            + value
            + "' is not a size"
            + (maximum < Long.MAX_VALUE ? " from 1 to " + maximum : " above zero")
            + ": write 65536, 64Ki or 16Mi, say");
  }

  /** A size in the form of the configuration, in the largest unit without a fraction. */
  static String bytesText(long bytes) {
    for (String unit : List.of("Gi", "Mi", "Ki")) {
      int shift = SHIFTS.getOrDefault(unit, 0);
      if (bytes % (1L << shift) == 0) {
        return (bytes >> shift) + unit;
      }
    }
    return Long.toString(bytes);
  }

  private static Pattern pattern(String value) {
    try {
      return Pattern.compile(require(!value.isEmpty(), value, "expected a regular expression"));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'" + value + "' is not a regular expression: " + e.getDescription(), e);
    }
  }

  private static String url(String value) {
    String message = "'" + value + "' is not a URL: write http://HOST:PORT or https://HOST:PORT";
    try {
      URI uri = URI.create(value);
      boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return require(isHttp && uri.getHost() != null, value, message);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(message, e);
    }
  }
}
