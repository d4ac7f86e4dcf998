package io.crirouter.examples.criproxy.tracing;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocalThread;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.GrpcResponse;
import io.opentelemetry.sdk.common.export.GrpcSender;
import io.opentelemetry.sdk.common.export.GrpcSenderConfig;
import io.opentelemetry.sdk.common.export.GrpcStatusCode;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Sends spans to a collector by gRPC, over TCP or a UNIX socket. It has its own thread, so that a
 * collector that is slow or down delays no call.
 */
final class SpanSender implements GrpcSender {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** Marshals messages as their bytes. */
  static final MethodDescriptor.Marshaller<byte[]> BYTES = new Bytes();

  /** Long enough for a restart of the collector. */
  private static final Map<String, ?> RETRIES =
      Map.of(
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  List.of(Map.of()),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts",
                      4.0,
                      "initialBackoff",
                      "0.5s",
                      "maxBackoff",
                      "3s",
                      "backoffMultiplier",
                      2.0,
                      "retryableStatusCodes",
                      List.of("UNAVAILABLE")))));

  private final SocketAddress collector;
  private final Duration limit;
  private final MethodDescriptor<byte[], byte[]> rpc;
  private final EventLoopGroup thread =
      new MultiThreadIoEventLoopGroup(1, SpanSender::thread, EpollIoHandler.newFactory());
  private final ManagedChannel channel;
  private final AtomicBoolean isFailing = new AtomicBoolean();

  SpanSender(SocketAddress collector, GrpcSenderConfig config) {
    this.collector = collector;
    limit = config.getTimeout();
    rpc =
        MethodDescriptor.newBuilder(BYTES, BYTES)
            .setType(MethodType.UNARY)
            .setFullMethodName(config.getFullMethodName())
            .build();
    channel =
        builder(collector)
            .eventLoopGroup(thread)
            .usePlaintext()
            .overrideAuthority("localhost")
            .directExecutor()
            .defaultServiceConfig(RETRIES)
            .disableServiceConfigLookUp()
            .build();
  }

  private static NettyChannelBuilder builder(SocketAddress collector) {
    if (collector instanceof UnixDomainSocketAddress unix) {
      return NettyChannelBuilder.forAddress(new DomainSocketAddress(unix.getPath().toString()))
          .channelType(EpollDomainSocketChannel.class)
          // gRPC sets it for TCP; Netty warns of it on every UNIX connection.
          .withOption(ChannelOption.SO_KEEPALIVE, null);
    }
    return NettyChannelBuilder.forAddress(collector).channelType(EpollSocketChannel.class);
  }

  private static Thread thread(Runnable task) {
    Thread thread = new FastThreadLocalThread(task, "criproxy-spans");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void send(
      MessageWriter writer, Consumer<GrpcResponse> onResponse, Consumer<Throwable> onError) {
    ByteArrayOutputStream message = new ByteArrayOutputStream(writer.getContentLength());
    try {
      writer.writeMessage(message);
    } catch (IOException e) {
      onError.accept(e);
      return;
    }
    // Batches are seconds apart, so that each may try to connect.
    channel.resetConnectBackoff();
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
    ClientCalls.asyncUnaryCall(
        channel.newCall(rpc, options), message.toByteArray(), new ResponseObserver(onResponse));
  }

  @Override
  public CompletableResultCode shutdown() {
    channel.shutdownNow();
    var unused = thread.shutdownGracefully(0, limit.toMillis(), TimeUnit.MILLISECONDS);
    return CompletableResultCode.ofSuccess();
  }

  /** Logs the first failure, and the first success after it. */
  private void logChange(Status status) {
    if (status.isOk()) {
      if (isFailing.compareAndSet(true, false)) {
        LOG.log(System.Logger.Level.INFO, "sending spans to {0} again", collector);
      }
    } else if (isFailing.compareAndSet(false, true)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "cannot send spans to {0}, dropping them: {1} {2}",
          collector,
          status.getCode(),
          reason(status));
    }
  }

  /** The message of the root cause, which gRPC hides behind "io exception". */
  private static String reason(Status status) {
    Throwable cause = status.getCause();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause == null) {
      return String.valueOf(status.getDescription());
    }
    if (cause instanceof FileNotFoundException) {
      return "no such socket";
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  /** Reports the response of one batch. */
  private final class ResponseObserver implements StreamObserver<byte[]> {
    private final Consumer<GrpcResponse> onResponse;
    private byte[] answer = {};

    ResponseObserver(Consumer<GrpcResponse> onResponse) {
      this.onResponse = onResponse;
    }

    @Override
    public void onNext(byte[] message) {
      answer = message;
    }

    @Override
    public void onError(Throwable failure) {
      end(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      end(Status.OK);
    }

    private void end(Status status) {
      logChange(status);
      onResponse.accept(new Response(status, answer));
    }
  }

  private static final class Response implements GrpcResponse {
    private final Status status;
    private final byte[] message;

    Response(Status status, byte[] message) {
      this.status = status;
      this.message = message;
    }

    @Override
    public GrpcStatusCode getStatusCode() {
      return GrpcStatusCode.fromValue(status.getCode().value());
    }

    @Override
    public String getStatusDescription() {
      return String.valueOf(status.getDescription());
    }

    @Override
    public byte[] getResponseMessage() {
      return message;
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
