package io.crirouter.core.internal.naming;

import io.crirouter.core.IdOwner;
import io.crirouter.core.RpcException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the rules of a codec with ids that runtimes could have. Immutable. */
record IdCodecCheck(IdCodecGuard codec) {
  private static final List<String> SAMPLES =
      List.of(
          "0123456789ab",
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "5f0c1a7e-8f0b-4a39-b9a4-8a6c3c1c3f12");

  /**
   * Checks the codec for one owner.
   *
   * @throws IllegalArgumentException if it breaks a rule
   */
  void require(IdOwner owner) {
    try {
      for (String id : SAMPLES) {
        if (codec.decode(owner, id) != null) {
          throw codec.broken(
              String.format("the primary's id '%s' would be of runtime %s", id, owner.name()));
        }
        if (codec.isEncoded(id)) {
          throw codec.broken(
              String.format("isEncoded('%s') is true, but the primary can have such an id", id));
        }
        requireBeginnings(owner, id, codec.encode(owner, id));
      }
    } catch (RpcException e) {
      throw new IllegalArgumentException(e.status().message(), e);
    }
  }

  private void requireBeginnings(IdOwner owner, String id, String clientId) throws RpcException {
    for (int length = 1; length < clientId.length(); length++) {
      String start = clientId.substring(0, length);
      @Nullable String decoded = codec.decode(owner, start);
      if (decoded != null && !id.startsWith(decoded)) {
        throw codec.broken(
            String.format(
                "it reads '%s', the beginning of %s, as '%s'",
                start, IdCodecGuard.thing(owner, id), decoded));
      }
    }
  }

  /**
   * Checks that ids of two owners can be told apart.
   *
   * @param advice more about {@code other}, and what to do
   * @throws IllegalArgumentException if they cannot
   */
  void requireDistinct(IdOwner owner, IdOwner other, String advice) {
    try {
      for (String id : SAMPLES) {
        String clientId = codec.encode(owner, id);
        if (codec.decode(other, clientId) != null
            || codec.decode(owner, codec.encode(other, id)) != null) {
          throw new IllegalArgumentException(
              String.format(
                  "id '%s' of runtime %s would also be one of runtime %s%s",
                  clientId, owner.name(), other.name(), advice));
        }
      }
    } catch (RpcException e) {
      throw new IllegalArgumentException(e.status().message(), e);
    }
  }
}
