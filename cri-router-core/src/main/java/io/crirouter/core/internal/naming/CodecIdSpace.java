package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.IdOwner;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import org.jspecify.annotations.Nullable;

/**
 * Ids that the embedder's codec makes. Immutable.
 *
 * @param all the ids of all secondaries
 */
record CodecIdSpace(IdSpaces all, IdCodecGuard codec, IdOwner owner) implements IdSpace {
  @Override
  public boolean contains(String clientId) throws RpcException {
    return codec.decode(owner, clientId) != null;
  }

  @Override
  public @Nullable String toRuntime(String clientId) throws RpcException {
    return codec.decode(owner, clientId);
  }

  @Override
  public String toClient(String id) throws RpcException {
    String clientId = codec.encode(owner, id);
    all.requireOnlyOf(owner, clientId);
    return clientId;
  }

  @Override
  public boolean allBeginWith(String start) {
    return false;
  }

  @Override
  public boolean toRuntime(byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    String id = toRuntime(new String(buffer, start, end - start, UTF_8));
    if (id != null) {
      replacement.replaceStart(end - start, id.getBytes(UTF_8));
    }
    return id != null;
  }

  @Override
  public void toClient(byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    String id = toClient(new String(buffer, start, end - start, UTF_8));
    replacement.replaceStart(end - start, id.getBytes(UTF_8));
  }
}
