package io.crirouter.core.internal.naming;

import io.crirouter.core.IdCodec;
import io.crirouter.core.IdOwner;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.call.ForeignCode;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Calls the embedder's id codec, which is foreign code. An exception, a null or an id that breaks
 * the rules of {@link IdCodec} becomes a status that names the codec. Thread-safe.
 */
final class IdCodecGuard {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_.]+");

  private final IdCodec codec;
  private final ForeignCode code;

  IdCodecGuard(IdCodec codec, ForeignCode code) {
    this.codec = codec;
    this.code = code;
  }

  /** The client's id, which decodes to {@code id} again. */
  String encode(IdOwner owner, String id) throws RpcException {
    String clientId = code.call(() -> codec.encode(owner, id), () -> thing(owner, id));
    if (!isUsable(clientId, id)) {
      throw code.broken(
          String.format(
              "it makes '%s' of %s: use at most %d letters, digits, '_' and '.'",
              clientId, thing(owner, id), IdCodec.MAX_LENGTH));
    }
    String decoded = decode(owner, clientId);
    if (!id.equals(decoded)) {
      throw code.broken(
          String.format(
              "it makes '%s' of %s and reads that as %s",
              clientId, thing(owner, id), quoted(decoded)));
    }
    return clientId;
  }

  /** An id of the runtime that has other characters anyway cannot be mended by the codec. */
  private static boolean isUsable(String clientId, String id) {
    return clientId.length() <= Math.max(IdCodec.MAX_LENGTH, id.length())
        && (ALLOWED.matcher(clientId).matches() || !ALLOWED.matcher(id).matches());
  }

  /** The runtime's id, or null if {@code clientId} is not of this owner. */
  @Nullable String decode(IdOwner owner, String clientId) throws RpcException {
    Optional<String> id =
        code.call(
            () -> codec.decode(owner, clientId),
            () -> "client id '" + clientId + "' at runtime " + owner.name());
    return id.orElse(null);
  }

  boolean isEncoded(String clientId) throws RpcException {
    return code.call(() -> codec.isEncoded(clientId), () -> "client id '" + clientId + "'");
  }

  /** The status for a rule that the codec breaks. */
  RpcException broken(String what) {
    return code.broken(what);
  }

  static String thing(IdOwner owner, String id) {
    return "id '" + id + "' of runtime " + owner.name();
  }

  private static String quoted(@Nullable String id) {
    return id == null ? "an id of nobody" : "'" + id + "'";
  }

  @Override
  public String toString() {
    return codec.toString();
  }
}
