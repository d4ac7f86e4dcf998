package io.crirouter.core.internal.call;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;

/** Passes everything on. Subclasses observe or change some of it. */
public abstract class ForwardingListener implements ResponseListener {
  private final ResponseListener client;

  /** Passes on to {@code client}. */
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
