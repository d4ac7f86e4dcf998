package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A secondary, as an {@link IdCodec} sees it. Immutable. */
public final class IdOwner {
  private static final Pattern PREFIX = Pattern.compile("[a-z0-9]{1,4}");
  private static final Pattern NOT_IN_PREFIX = Pattern.compile("[^a-z0-9]");
  private static final int DEFAULT_PREFIX_LENGTH = 4;

  private final BackendName name;
  private final String prefix;

  private IdOwner(BackendName name, String prefix) {
    this.name = requireNonNull(name, "name");
    this.prefix = requirePrefix(prefix);
  }

  /** The backend of this name, with the prefix that is made of it. */
  public static IdOwner of(BackendName name) {
    String letters = NOT_IN_PREFIX.matcher(name.value()).replaceAll("");
    return of(name, letters.substring(0, Math.min(DEFAULT_PREFIX_LENGTH, letters.length())));
  }

  /**
   * The backend of this name, with a prefix.
   *
   * @throws IllegalArgumentException if the prefix is not 1 to 4 lower-case letters or digits
   */
  public static IdOwner of(BackendName name, String prefix) {
    return new IdOwner(name, prefix);
  }

  /** Checks an id prefix, and returns it. */
  static String requirePrefix(String prefix) {
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "id prefix '" + prefix + "' is not valid: use 1 to 4 lower-case letters or digits");
    }
    return prefix;
  }

  /** The configured name of the backend, unique on the node. */
  public BackendName name() {
    return name;
  }

  /**
   * The short name for use in ids: 1 to 4 lower-case letters or digits, by {@link
   * BackendOptions#withIdPrefix} or else the first of the backend's name. It need not be unique; a
   * codec that uses it alone decodes ids of two owners then, which the router refuses.
   */
  public String prefix() {
    return prefix;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IdOwner that && name.equals(that.name) && prefix.equals(that.prefix);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + prefix.hashCode();
  }

  @Override
  public String toString() {
    return name + " (" + prefix + ")";
  }
}
