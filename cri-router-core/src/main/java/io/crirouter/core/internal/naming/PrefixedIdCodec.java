package io.crirouter.core.internal.naming;

import com.google.common.base.CharMatcher;
import io.crirouter.core.IdCodec;
import io.crirouter.core.IdOwner;
import java.util.Optional;

/** Ids begin with the prefix of their owner. */
public enum PrefixedIdCodec implements IdCodec {
  /** The only one. */
  INSTANCE;

  private static final String SEPARATOR = "__";
  private static final int MAX_PREFIX_LENGTH = 4;
  private static final CharMatcher IN_PREFIX =
      CharMatcher.inRange('a', 'z').or(CharMatcher.inRange('0', '9'));

  /** What the ids of {@code owner} begin with. */
  static String prefix(IdOwner owner) {
    return owner.prefix() + SEPARATOR;
  }

  @Override
  public String encode(IdOwner owner, String id) {
    return prefix(owner) + id;
  }

  @Override
  public Optional<String> decode(IdOwner owner, String clientId) {
    String prefix = prefix(owner);
    return clientId.startsWith(prefix)
        ? Optional.of(clientId.substring(prefix.length()))
        : Optional.empty();
  }

  @Override
  public boolean isEncoded(String clientId) {
    int length = clientId.indexOf(SEPARATOR);
    return length > 0
        && length <= MAX_PREFIX_LENGTH
        && IN_PREFIX.matchesAllOf(clientId.substring(0, length));
  }

  @Override
  public String toString() {
    return "prefixed";
  }
}
