package io.crirouter.core.internal.naming;

import io.crirouter.core.IdOwner;
import io.crirouter.core.RpcException;
import org.jspecify.annotations.Nullable;

/**
 * Ids that the embedder's codec makes. Immutable.
 *
 * @param all the ids of all secondaries
 */
record CodecNames(IdSpaces all, IdCodecGuard codec, IdOwner owner) implements NameSpace {
  @Override
  public boolean owns(String clientId) throws RpcException {
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
}
