package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ImageServiceGrpc;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One call as a runtime received it, and how it ended. May be used from any thread. */
public final class RecordedCall {
  private static final Map<String, MethodDescriptor<?, ?>> RPCS = rpcs();

  private final String place;
  private final CriRequest call;
  private final long startedAt = System.nanoTime();
  private long endedAt;
  private @Nullable RpcStatus status;

  RecordedCall(String place, CriRequest call) {
    this.place = place;
    this.call = call;
  }

  private static Map<String, MethodDescriptor<?, ?>> rpcs() {
    Map<String, MethodDescriptor<?, ?>> rpcs = new HashMap<>();
    for (ServiceDescriptor service :
        new ServiceDescriptor[] {
          RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor()
        }) {
      for (MethodDescriptor<?, ?> rpc : service.getMethods()) {
        rpcs.put(String.valueOf(rpc.getBareMethodName()), rpc);
      }
    }
    return Map.copyOf(rpcs);
  }

  /** Where the call arrived: the name of the runtime, or {@code client} for a router's client. */
  public String place() {
    return place;
  }

  /** The rpc. */
  public CriMethod method() {
    return call.method();
  }

  /** The name of the rpc, for example {@code RunPodSandbox}. */
  public String name() {
    return call.method().name();
  }

  /**
   * The request.
   *
   * @throws AssertionError if it is malformed; {@link #bytes} returns it nevertheless
   */
  public Message request() {
    MethodDescriptor<?, ?> rpc = RPCS.get(name());
    if (rpc == null) {
      throw new AssertionError("the testkit has no stub for " + name());
    }
    try {
      return (Message) rpc.parseRequest(call.message().newInput());
    } catch (RuntimeException e) {
      throw new AssertionError("the request of " + this + " is malformed", e);
    }
  }

  /**
   * The request as a {@code type}.
   *
   * @throws AssertionError if the rpc takes another one, or if it is malformed
   */
  public <T extends Message> T request(Class<T> type) {
    Message request = request();
    if (!type.isInstance(request)) {
      throw new AssertionError(
          name() + " takes a " + request.getClass().getSimpleName() + ", no " + type);
    }
    return type.cast(request);
  }

  /** The encoded request. */
  public ByteString bytes() {
    return call.message();
  }

  /** The request headers. */
  public CallMetadata metadata() {
    return call.metadata();
  }

  /** The timeout of the call in nanoseconds, or {@link CriRequest#NO_TIMEOUT}. */
  public long timeoutNanos() {
    return call.timeoutNanos();
  }

  /** The status of the call; empty while it is open. */
  public synchronized Optional<RpcStatus> status() {
    return Optional.ofNullable(status);
  }

  /**
   * Waits for the end of the call and returns its status.
   *
   * @throws AssertionError if it has not ended within 10 s
   */
  public RpcStatus awaitStatus() {
    return Waiting.until(this, () -> Optional.ofNullable(status), () -> this + " has not ended");
  }

  /**
   * The subject of the call: the first id or image name in its request, otherwise the name of the
   * pod in it. Empty if it has none or if it is malformed.
   */
  public String subject() {
    return Subjects.of(this);
  }

  /** The time of arrival, from {@link System#nanoTime}. */
  long startedAt() {
    return startedAt;
  }

  /** The duration of the call; up to now if it is open. */
  synchronized Duration duration() {
    return Duration.ofNanos((status == null ? System.nanoTime() : endedAt) - startedAt);
  }

  synchronized void end(RpcStatus value) {
    status = value;
    endedAt = System.nanoTime();
    notifyAll();
  }

  /** The rpc and its status, without the request: requests can hold credentials. */
  @Override
  public String toString() {
    String limit =
        timeoutNanos() == CriRequest.NO_TIMEOUT
            ? ""
            : " within " + Duration.ofNanos(timeoutNanos());
    return name() + limit + status().map(end -> " -> " + end.code()).orElse(" (open)");
  }
}
