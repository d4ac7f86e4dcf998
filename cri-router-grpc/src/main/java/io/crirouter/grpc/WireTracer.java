package io.crirouter.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * Tells what came over the wire from what gRPC made up on this side of it; a status alone does not
 * say.
 */
final class WireTracer extends ClientStreamTracer {
  private volatile boolean connected;
  private volatile @Nullable Metadata trailers;

  /** Makes a call report to this tracer. */
  CallOptions trace(CallOptions options) {
    return options.withStreamTracerFactory(
        new Factory() {
          @Override
          public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
            return WireTracer.this;
          }
        });
  }

  /** Whether the call got as far as a live connection. */
  boolean connected() {
    return connected;
  }

  /** Whether these trailers, and so the status with them, were sent by the server. */
  @SuppressWarnings("ReferenceEquality") // gRPC hands on the very object that it read.
  boolean isFromServer(Metadata candidate) {
    return candidate == trailers;
  }

  @Override
  public void streamCreated(Attributes transport, Metadata headers) {
    connected = true;
  }

  @Override
  public void inboundTrailers(Metadata received) {
    trailers = received;
  }
}
