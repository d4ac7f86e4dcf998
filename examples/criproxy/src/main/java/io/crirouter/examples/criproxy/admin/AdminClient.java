package io.crirouter.examples.criproxy.admin;

import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** A client of the admin socket of a running proxy. */
public final class AdminClient implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final int MAX_RESPONSE_BYTES = 64 << 20;

  private final Path socket;
  private final ManagedChannel channel;

  private AdminClient(Path socket, ManagedChannel channel) {
    this.socket = socket;
    this.channel = channel;
  }

  /**
   * Creates a client of the proxy whose admin socket is {@code socket}.
   *
   * @throws IOException if the socket is missing or access is denied; the message says what to do
   */
  public static AdminClient connect(Path socket) throws IOException {
    requireSocket(socket);
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(
                "unix://" + socket.toAbsolutePath(), InsecureChannelCredentials.create())
            .overrideAuthority("localhost")
            .maxInboundMessageSize(MAX_RESPONSE_BYTES);
    if (builder instanceof NettyChannelBuilder netty) {
      // gRPC sets it for TCP; Netty warns of it on every UNIX connection.
      netty.withOption(ChannelOption.SO_KEEPALIVE, null);
    }
    return new AdminClient(socket, builder.build());
  }

  private static void requireSocket(Path socket) throws IOException {
    try {
      Object unused = Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "no proxy has its admin socket at "
              + socket
              + ": check that criproxy is running, and set --admin to the socket in its log",
          e);
    } catch (AccessDeniedException e) {
      throw noPermission(socket);
    }
    if (!Files.isWritable(socket)) {
      throw noPermission(socket);
    }
  }

  private static IOException noPermission(Path socket) {
    return new IOException(
        "permission denied: " + socket + " belongs to the user of criproxy; run this as root");
  }

  /** Makes a unary call with a timeout of five seconds. */
  <Q, R> R call(MethodDescriptor<Q, R> rpc, Q request) throws IOException {
    return call(rpc, request, LIMIT);
  }

  /** Makes a unary call with a timeout. */
  public <Q, R> R call(MethodDescriptor<Q, R> rpc, Q request, Duration limit) throws IOException {
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(limit.toSeconds(), TimeUnit.SECONDS);
    try {
      return ClientCalls.blockingUnaryCall(channel, rpc, options, request);
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
        throw new IOException(
            "the proxy at " + socket + " did not answer within " + limit.toSeconds() + " s", e);
      }
      throw failure(e);
    }
  }

  /**
   * Makes a server streaming call without a timeout. The iterator throws {@link
   * StatusRuntimeException}.
   */
  <Q, R> Iterator<R> follow(MethodDescriptor<Q, R> rpc, Q request) {
    return ClientCalls.blockingServerStreamingCall(channel, rpc, CallOptions.DEFAULT, request);
  }

  /**
   * Makes a bidirectional streaming call without a timeout.
   *
   * @param responses gets the messages of the proxy
   * @return sends messages to the proxy
   */
  public <Q, R> StreamObserver<Q> openStream(
      MethodDescriptor<Q, R> rpc, StreamObserver<R> responses) {
    return ClientCalls.asyncBidiStreamingCall(channel.newCall(rpc, CallOptions.DEFAULT), responses);
  }

  /** A failure with a message for operators. */
  IOException failure(StatusRuntimeException e) {
    Status status = e.getStatus();
    return new IOException(
        switch (status.getCode()) {
          case UNAVAILABLE, CANCELLED ->
              "no proxy answers at " + socket + ": it has stopped, or is just starting";

          case UNIMPLEMENTED ->
              "the proxy at " + socket + " has another version and does not serve this command";
          default -> status.getDescription() == null ? status.toString() : status.getDescription();
        },
        e);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
