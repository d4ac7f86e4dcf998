package io.crirouter.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.function.LongSupplier;

/** Counts the calls of each connection, so that {@link ServedConnections} finds the idle ones. */
final class CallCountingInterceptor implements ServerInterceptor {
  private final LongSupplier nanoTime;

  CallCountingInterceptor(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    ServedConnection connection = ServedConnections.of(call.getAttributes());
    connection.callStarted();
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      public void onComplete() {
        connection.callEnded(nanoTime.getAsLong());
        super.onComplete();
      }

      @Override
      public void onCancel() {
        connection.callEnded(nanoTime.getAsLong());
        super.onCancel();
      }
    };
  }
}
