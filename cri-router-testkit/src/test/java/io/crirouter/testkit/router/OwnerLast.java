package io.crirouter.testkit.router;

import io.crirouter.core.IdCodec;
import io.crirouter.core.IdOwner;
import java.util.Optional;

/** A codec with the owner as suffix, so that a shortened id does not contain it. */
public class OwnerLast implements IdCodec {
  @Override
  public String encode(IdOwner owner, String id) {
    return id + "." + owner.prefix();
  }

  @Override
  public Optional<String> decode(IdOwner owner, String clientId) {
    String end = "." + owner.prefix();
    return clientId.endsWith(end)
        ? Optional.of(clientId.substring(0, clientId.length() - end.length()))
        : Optional.empty();
  }

  @Override
  public boolean isEncoded(String clientId) {
    return clientId.indexOf('.') >= 0;
  }

  @Override
  public String toString() {
    return "owner last";
  }
}
