package io.crirouter.grpc;

import io.crirouter.core.internal.call.SharedLimit;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Tells what came over the wire from what gRPC made up on this side of it; a status alone does not
 * say. Counts the bytes of an answer while they come in, long before there is a message.
 */
final class WireTracer extends ClientStreamTracer {
  private final SharedLimit.Share unfinished;
  private final Runnable tooMuch;
  private volatile boolean connected;
  private volatile @Nullable Metadata trailers;

  /** Bytes of the message that is coming in, and what was counted of them; on the event loop. */
  private long received;

  private long counted;

  /**
   * @param tooMuch called when there is no room for more of the answer
   */
  WireTracer(SharedLimit.Share unfinished, Runnable tooMuch) {
    this.unfinished = unfinished;
    this.tooMuch = tooMuch;
  }

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
  public void inboundWireSize(long bytes) {
    received += bytes;
    long more = received - counted;
    if (more > UnfinishedAnswers.SMALL_BYTES) {
      if (unfinished.take(more)) {
        counted = received;
      } else {
        tooMuch.run();
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
