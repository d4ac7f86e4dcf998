package org.example.migration;

import io.crirouter.core.IdCodec;
import io.crirouter.core.IdOwner;
import java.util.Optional;

// snippet: own-codec
/** Makes ids such as 0123abcd.old. The owner is the suffix, so ids can still be shortened. */
record OwnerLast() implements IdCodec {
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
}
// end
