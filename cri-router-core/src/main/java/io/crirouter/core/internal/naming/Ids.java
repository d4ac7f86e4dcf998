package io.crirouter.core.internal.naming;

import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendConfig;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import io.crirouter.proto.routing.Reference;
import java.util.List;

/**
 * Finds the owners of pod sandbox and container ids, and translates ids between client and
 * runtimes. The kind is one of {@link Reference#POD_SANDBOX_ID} and {@link Reference#CONTAINER_ID}.
 * Thread-safe.
 */
public interface Ids {
  /**
   * The backend that owns the object with the client's id {@code id}.
   *
   * @throws RpcException if the owner is unknown or not unique
   */
  Backend owner(Reference kind, String id) throws RpcException;

  /**
   * The backends that can have objects that match an id in a list filter; an empty id matches all.
   */
  List<Backend> candidates(Reference kind, String id) throws RpcException;

  /**
   * Translates an id in a request that goes to {@code owner}.
   *
   * @throws RpcException if the id belongs to another backend
   */
  void toRuntime(
      Reference kind, Backend owner, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException;

  /**
   * Translates an id in a list filter for {@code backend}, one of the {@link #candidates}.
   *
   * @throws RpcException if no object of this backend can match
   */
  default void filterToRuntime(
      Reference kind, Backend backend, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    toRuntime(kind, backend, buffer, start, end, replacement);
  }

  /** The client's ids of the objects of a backend. */
  NameSpace of(Backend backend);

  /**
   * Checks a secondary that is to be added.
   *
   * @throws IllegalArgumentException if its ids could be taken for those of another one
   */
  default void requireDistinct(BackendConfig config) {}
}
