package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Message;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.ImageServiceGrpc;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A blocking CRI client for tests, over a UNIX socket or directly to a backend in this JVM. The
 * same test can use either.
 *
 * <p>A call without a deadline fails with DEADLINE_EXCEEDED after 10 s, except GetContainerEvents.
 * May be used from any thread.
 */
public final class CriClient implements AutoCloseable {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_MESSAGE_BYTES = 16 << 20;
  private static final int DEFAULT_WINDOW = 64;

  private final Channel channel;
  private final Runnable onClose;

  private CriClient(Channel channel, Runnable onClose) {
    this.channel = channel;
    this.onClose = onClose;
  }

  /**
   * A client of {@code backend}. Calls start on the thread of the caller. The default timeout of 10
   * s is in real time and is not part of the request, so that a test with a {@link ManualScheduler}
   * does not depend on it. The deadline of a stub is part of the request.
   */
  public static CriClient of(RuntimeBackend backend) {
    requireNonNull(backend, "backend");
    return new CriClient(new BackendChannel(backend, DEFAULT_TIMEOUT), () -> {});
  }

  /** A client of the server that listens at {@code socket}. It connects with its first call. */
  public static CriClient connect(Path socket) {
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(
                "unix://" + socket.toAbsolutePath(), InsecureChannelCredentials.create())
            .overrideAuthority("localhost")
            .maxInboundMessageSize(MAX_MESSAGE_BYTES);
    if (builder instanceof NettyChannelBuilder netty) {
      // gRPC sets this TCP option; Netty logs a warning for it on each UNIX connection.
      netty.withOption(ChannelOption.SO_KEEPALIVE, null);
    }
    ManagedChannel connection = builder.build();
    Channel limited = ClientInterceptors.intercept(connection, new DefaultTimeout());
    return new CriClient(limited, connection::shutdownNow);
  }

  /** The same connection with another version of CRI: {@code v1} or {@code v1alpha2}. */
  public CriClient speaking(String apiVersion) {
    Channel translated = ClientInterceptors.intercept(channel, new ApiVersion(apiVersion));
    return new CriClient(translated, onClose);
  }

  /** The same connection, with this deadline for each call; the request carries it. */
  public CriClient withDeadline(Duration limit) {
    return new CriClient(ClientInterceptors.intercept(channel, new Limit(limit)), onClose);
  }

  /** The RuntimeService. */
  public RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime() {
    return RuntimeServiceGrpc.newBlockingStub(channel);
  }

  /** The ImageService. */
  public ImageServiceGrpc.ImageServiceBlockingStub images() {
    return ImageServiceGrpc.newBlockingStub(channel);
  }

  /** The channel, for other kinds of stubs. */
  public Channel channel() {
    return channel;
  }

  /** Subscribes to container events. The caller closes the stream. */
  public ResponseStream<ContainerEventResponse> events() {
    return stream(
        RuntimeServiceGrpc.getGetContainerEventsMethod(), GetEventsRequest.getDefaultInstance());
  }

  /**
   * Starts a call, unary or streaming, and returns without waiting for the response.
   *
   * @param rpc from the generated {@code RuntimeServiceGrpc} or {@code ImageServiceGrpc}
   */
  public <Q extends Message, R extends Message> ResponseStream<R> stream(
      MethodDescriptor<Q, R> rpc, Q request) {
    return stream(rpc, request, DEFAULT_WINDOW);
  }

  /**
   * Starts a call whose response messages are read with flow control.
   *
   * @param rpc from the generated {@code RuntimeServiceGrpc} or {@code ImageServiceGrpc}
   * @param window how many messages may be requested but not taken; 1 makes a slow reader
   */
  public <Q extends Message, R extends Message> ResponseStream<R> stream(
      MethodDescriptor<Q, R> rpc, Q request, int window) {
    return ResponseStream.open(channel.newCall(rpc, CallOptions.DEFAULT), rpc, request, window);
  }

  /** Closes the connection, if there is one. Open calls fail. */
  @Override
  public void close() {
    onClose.run();
  }

  @Override
  public String toString() {
    return "CriClient(" + channel + ")";
  }

  /** Whether calls of this rpc end only by cancellation or failure. */
  static boolean isEndless(MethodDescriptor<?, ?> rpc) {
    return "GetContainerEvents".equals(rpc.getBareMethodName());
  }

  private static final class DefaultTimeout implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> rpc, CallOptions options, Channel next) {
      boolean limited = options.getDeadline() != null || isEndless(rpc);
      return next.newCall(rpc, limited ? options : limit(options, DEFAULT_TIMEOUT));
    }
  }

  private record Limit(Duration duration) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> rpc, CallOptions options, Channel next) {
      return next.newCall(rpc, limit(options, duration));
    }
  }

  private static CallOptions limit(CallOptions options, Duration duration) {
    return options.withDeadlineAfter(duration.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Messages of v1alpha2 and v1 have the same encoding, so only the service name differs. */
  private record ApiVersion(String version) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> rpc, CallOptions options, Channel next) {
      String name =
          rpc.getFullMethodName().replaceFirst("^runtime\\.v1\\.", "runtime." + version + ".");
      return next.newCall(rpc.toBuilder().setFullMethodName(name).build(), options);
    }
  }
}
