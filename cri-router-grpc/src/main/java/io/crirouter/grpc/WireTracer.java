package io.crirouter.grpc;

import io.crirouter.core.internal.call.SharedLimit;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether a status came from the server or from gRPC on this side, which the status itself
 * does not tell. Counts the bytes of an answer while they arrive, before the message is complete.
 */
final class WireTracer extends ClientStreamTracer {
  private final SharedLimit.Share unfinished;
  private final Runnable onLimit;
  private volatile boolean connected;
  private volatile @Nullable Metadata trailers;

  /** The bytes received of the current message. Used on the event loop only, as the next field. */
  private long received;

  /** The bytes of the current message that are taken from the limit. */
  private long counted;

  /**
   * @param onLimit called when there is no room for more of the answer
   */
  WireTracer(SharedLimit.Share unfinished, Runnable onLimit) {
    this.unfinished = unfinished;
    this.onLimit = onLimit;
  }

  /** Adds this tracer to the options of a call. */
  CallOptions trace(CallOptions options) {
    return options.withStreamTracerFactory(
        new Factory() {
          @Override
          public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
            return WireTracer.this;
          }
        });
  }

  /** Whether the call reached an established connection. */
  boolean connected() {
    return connected;
  }

  /** Whether the server sent these trailers, and so the status with them. */
  @SuppressWarnings("ReferenceEquality") // gRPC passes the same object to the call.
  boolean isFromServer(Metadata candidate) {
    return candidate == trailers;
  }

  @Override
  public void streamCreated(Attributes transport, Metadata headers) {
    connected = true;
  }

  @Override
  public void inboundWireSize(long bytes) {
    received += bytes;
    long more = received - counted;
    if (more > UnfinishedAnswers.SMALL_BYTES) {
      if (unfinished.take(more)) {
        counted = received;
      } else {
        onLimit.run();
      }
    }
  }

  @Override
  public void inboundMessageRead(int number, long wireSize, long uncompressedSize) {
    received = 0;
    free();
  }

  @Override
  public void streamClosed(Status status) {
    free();
  }

  private void free() {
    if (counted > 0) {
      unfinished.free(counted);
      counted = 0;
    }
  }

  @Override
  public void inboundTrailers(Metadata received) {
    trailers = received;
  }
}
