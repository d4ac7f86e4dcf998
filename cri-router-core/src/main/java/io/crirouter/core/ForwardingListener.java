package io.crirouter.core;

import com.google.protobuf.ByteString;

/**
 * Passes everything on, as a {@link RuntimeBackend} needs that calls another one. Subclasses
 * observe or change some of it. It has no state but the listener, and may be called as that may.
 */
public abstract class ForwardingListener implements ResponseListener {
  private final ResponseListener client;

  /**
   * Passes on to {@code client}.
   *
   * @param client the listener of the call that is carried out
   */
  protected ForwardingListener(ResponseListener client) {
    this.client = client;
  }

  @Override
  public void onHeaders(CallMetadata headers) {
    client.onHeaders(headers);
  }

  @Override
  public void onMessage(ByteString message) {
    client.onMessage(message);
  }

  @Override
  public void onClose(RpcStatus status) {
    client.onClose(status);
  }
}
