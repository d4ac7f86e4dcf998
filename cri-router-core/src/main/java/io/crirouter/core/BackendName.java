package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a runtime behind the router, as pods ({@code kubernetes.io/target-runtime: NAME}) and
 * image names ({@code NAME/...}) write it.
 *
 * <p>A name starts and ends with a letter or digit and has lower-case letters, digits, dots and
 * dashes besides; at most 63 characters. That makes it valid as the first part of an image
 * reference. Immutable.
 */
public final class BackendName implements Comparable<BackendName> {
  private static final Pattern VALID = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");

  private final String value;

  private BackendName(String value) {
    this.value = value;
  }

  /**
   * The backend name spelt {@code value}.
   *
   * @throws IllegalArgumentException if {@code value} is not a valid name; the message says why
   */
  public static BackendName of(String value) {
    requireNonNull(value, "value");
    if (!VALID.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "runtime name '"
              + value
              + "' is not valid: use lower-case letters, digits, '.' and '-', starting and ending"
              + " with a letter or digit, at most 63 characters");
    }
    return new BackendName(value);
  }

  /** The name itself. */
  public String value() {
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof BackendName that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public int compareTo(BackendName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
