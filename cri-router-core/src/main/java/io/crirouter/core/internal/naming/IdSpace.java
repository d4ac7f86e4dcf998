package io.crirouter.core.internal.naming;

import io.crirouter.core.RpcException;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import org.jspecify.annotations.Nullable;

/** The client ids of one secondary. Thread-safe. */
interface IdSpace {
  /** Whether an id, or the beginning of one, is of this secondary. */
  boolean contains(String clientId) throws RpcException;

  /** The runtime's id; null if {@code clientId} is not of this secondary. */
  @Nullable String toRuntime(String clientId) throws RpcException;

  /** The client's id. */
  String toClient(String id) throws RpcException;

  /** Whether every id of this secondary begins with {@code start}. */
  boolean allBeginWith(String start);

  /** Translates a client's id; false if it is not of this secondary. */
  boolean toRuntime(byte[] buffer, int start, int end, Replacement replacement) throws RpcException;

  /** Translates an id of the runtime. */
  void toClient(byte[] buffer, int start, int end, Replacement replacement) throws RpcException;
}
