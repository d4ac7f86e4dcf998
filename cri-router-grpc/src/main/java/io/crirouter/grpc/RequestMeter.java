package io.crirouter.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Counts the bytes of a request while they come in, long before there is a message. */
final class RequestMeter extends ServerStreamTracer {
  private static final Context.Key<RequestMeter> METER =
      Context.key("io.crirouter.grpc.request-meter");

  /** Gives each call of a server its meter. */
  static final ServerStreamTracer.Factory FACTORY =
      new ServerStreamTracer.Factory() {
        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
          return new RequestMeter();
        }
      };

  private volatile @Nullable LongConsumer onBytes;

  /** The meter of the call that the current thread is starting. */
  static RequestMeter ofThisCall() {
    return METER.get();
  }

  /** Tells {@code listener} of bytes that have come in, on an event loop. */
  void onBytes(LongConsumer listener) {
    onBytes = listener;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(METER, this);
  }

  @Override
  public void inboundWireSize(long bytes) {
    LongConsumer listener = onBytes;
    if (listener != null) {
      listener.accept(bytes);
    }
  }
}
