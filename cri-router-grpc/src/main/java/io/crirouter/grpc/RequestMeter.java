package io.crirouter.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Reports the bytes of a request while they arrive, before the message is complete. */
final class RequestMeter extends ServerStreamTracer {
  private static final Context.Key<RequestMeter> METER =
      Context.key("io.crirouter.grpc.request-meter");

  /** Makes a meter for each call of a server. */
  static final ServerStreamTracer.Factory FACTORY =
      new ServerStreamTracer.Factory() {
        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
          return new RequestMeter();
        }
      };

  private volatile @Nullable LongConsumer onBytes;

  /** The meter of the call of the current gRPC context. */
  static RequestMeter current() {
    return METER.get();
  }

  /** Calls {@code listener} with each number of bytes received, on an event loop. */
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
