package io.crirouter.core.identity;

import io.crirouter.core.RpcException;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.wire.ReferenceTranslator.Replacement;
import java.util.List;

/** Pod sandbox and container ids on both sides of the router. Safe for use by many threads. */
public interface Ids {
  /**
   * The backend that owns the object with an id that the client named.
   *
   * @throws RpcException if no backend, or more than one, can be meant
   */
  Backend owner(String id) throws RpcException;

  /** The backends that can have objects matching an id in a list filter; an empty id means any. */
  List<Backend> candidates(String id) throws RpcException;

  /**
   * Translates an id in a request that goes to {@code owner}.
   *
   * @throws RpcException if the id belongs to another backend
   */
  void toRuntime(Backend owner, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException;

  /** Translates an id in an answer of {@code owner}. */
  void toClient(Backend owner, byte[] buffer, int start, int end, Replacement replacement);

  /** Whether this backend's ids are the same on both sides. */
  boolean areUnchanged(Backend backend);

  /** The id by which the client knows what {@code owner} calls {@code runtimesId}. */
  String toClient(Backend owner, String runtimesId);
}
