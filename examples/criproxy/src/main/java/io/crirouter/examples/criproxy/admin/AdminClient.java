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

/** Asks a running proxy at its admin socket. */
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
   * A client of the proxy whose admin socket is {@code socket}.
   *
   * @throws IOException if nobody can be asked there; the message says why, and what to do
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
              + ": is criproxy running? its log names the socket, --admin takes it",
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
        "permission denied: " + socket + " is for the user that criproxy runs as; try it as root");
  }

  /** Asks, and waits for the answer. */
  <Q, R> R ask(MethodDescriptor<Q, R> rpc, Q request) throws IOException {
    return ask(rpc, request, LIMIT);
  }

  /** Asks, and waits so long for the answer. */
  public <Q, R> R ask(MethodDescriptor<Q, R> rpc, Q request, Duration limit) throws IOException {
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(limit.toSeconds(), TimeUnit.SECONDS);
    try {
      return ClientCalls.blockingUnaryCall(channel, rpc, options, request);
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  /** Asks for a stream of answers, without an end. It throws {@link StatusRuntimeException}. */
  <Q, R> Iterator<R> follow(MethodDescriptor<Q, R> rpc, Q request) {
    return ClientCalls.blockingServerStreamingCall(channel, rpc, CallOptions.DEFAULT, request);
  }

  /**
   * Begins a conversation, without an end of its own.
   *
   * @param answers hears the proxy
   * @return what is said to the proxy
   */
  public <Q, R> StreamObserver<Q> converse(MethodDescriptor<Q, R> rpc, StreamObserver<R> answers) {
    return ClientCalls.asyncBidiStreamingCall(channel.newCall(rpc, CallOptions.DEFAULT), answers);
  }

  /** What a status means to who asked. */
  IOException failure(StatusRuntimeException e) {
    Status status = e.getStatus();
    return new IOException(
        switch (status.getCode()) {
          case UNAVAILABLE, CANCELLED ->
              "no proxy answers at " + socket + ": it has ended, or is just being started";
          case DEADLINE_EXCEEDED ->
              "the proxy at " + socket + " did not answer within " + LIMIT.toSeconds() + " s";
          case UNIMPLEMENTED -> "the proxy at " + socket + " is of another version: it cannot tell";
          default -> status.getDescription() == null ? status.toString() : status.getDescription();
        },
        e);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
