package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;

/** Names that begin with a prefix. They are translated without reading them. Immutable. */
final class PrefixedImageSpace implements ImageSpace {
  private final String prefix;
  private final byte[] bytes;

  PrefixedImageSpace(String prefix) {
    this.prefix = prefix;
    this.bytes = prefix.getBytes(UTF_8);
  }

  @Override
  public boolean isUnchanged() {
    return false;
  }

  @Override
  public boolean owns(String clientRef) {
    return clientRef.startsWith(prefix);
  }

  @Override
  public boolean canHave(String clientRef) {
    return owns(clientRef);
  }

  @Override
  public String toClient(String ref) {
    return prefix + ref;
  }

  @Override
  public void toRuntime(String clientRef, int length, Replacement replacement) {
    if (owns(clientRef)) {
      replacement.dropStart(bytes.length);
    }
  }

  @Override
  public void toClient(byte[] buffer, int start, int end, Replacement replacement) {
    replacement.prepend(bytes);
  }
}
