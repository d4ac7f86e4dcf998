package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.wire.MalformedMessageException;

/** Translates messages between the client and one backend. Thread-safe. */
public interface Translator {
  /**
   * A request of the client in the backend's language; the same object if nothing changes.
   *
   * @throws RpcException if the request cannot be this backend's
   */
  ByteString request(CriMethod method, ByteString message)
      throws RpcException, MalformedMessageException;

  /** An answer of the backend for the client; the same object if nothing changes. */
  ByteString answer(CriMethod method, ByteString message)
      throws RpcException, MalformedMessageException;

  /** The id by which the client knows what the backend calls {@code runtimesId}. */
  String clientId(String runtimesId);

  /** The name by which pods know what the backend calls {@code handler}. */
  String clientHandler(String handler);
}
