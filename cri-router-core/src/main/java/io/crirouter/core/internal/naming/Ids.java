package io.crirouter.core.internal.naming;

import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendConfig;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import io.crirouter.proto.routing.Reference;
import java.util.List;

/**
 * Pod sandbox and container ids on both sides of the router. The kind that methods take is one of
 * {@link Reference#POD_SANDBOX_ID} and {@link Reference#CONTAINER_ID}. Safe for use by many
 * threads.
 */
public interface Ids {
  /**
   * The backend that owns the object with an id that the client named.
   *
   * @throws RpcException if no backend, or more than one, can be meant
   */
  Backend owner(Reference kind, String id) throws RpcException;

  /** The backends that can have objects matching an id in a list filter; an empty id means any. */
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
   * @throws RpcException if nothing of this backend can match
   */
  default void filterToRuntime(
      Reference kind, Backend backend, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    toRuntime(kind, backend, buffer, start, end, replacement);
  }

  /** Translates an id in an answer of {@code owner}. */
  void toClient(Backend owner, byte[] buffer, int start, int end, Replacement replacement);

  /** Whether this backend's ids are the same on both sides. */
  boolean areUnchanged(Backend backend);

  /** The id by which the client knows what {@code owner} calls {@code runtimesId}. */
  String toClient(Backend owner, String runtimesId);

  /**
   * Checks a secondary that is to join the router.
   *
   * @throws IllegalArgumentException if its ids could not be told from those of another one
   */
  default void requireDistinct(BackendConfig config) {}
}
