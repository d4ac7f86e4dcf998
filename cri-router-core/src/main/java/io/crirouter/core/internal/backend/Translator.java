package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.wire.MalformedMessageException;

/** Translates messages between the client and one backend. Thread-safe. */
public interface Translator {
  /**
   * Translates a client's request for the backend; returns the same object if nothing changes.
   *
   * @throws RpcException if the request names objects of another backend
   */
  ByteString request(CriMethod method, ByteString message)
      throws RpcException, MalformedMessageException;

  /**
   * Translates a response of the backend for the client; returns the same object if nothing
   * changes.
   */
  ByteString answer(CriMethod method, ByteString message)
      throws RpcException, MalformedMessageException;

  /** The client's id of the object whose id at the backend is {@code runtimesId}. */
  String clientId(String runtimesId) throws RpcException;

  /** The id at the backend of the object whose id for the client is {@code clientId}. */
  String runtimesId(String clientId) throws RpcException;

  /** The name that pods use for the backend's runtime handler {@code handler}. */
  String clientHandler(String handler);
}
