package io.crirouter.grpc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A gRPC client that sends and receives bytes. */
final class RawClient implements AutoCloseable {
  private final EventLoops loops = EventLoops.create(1);
  private final ManagedChannel channel;

  RawClient(Path socket) {
    this(socket, "localhost");
  }

  RawClient(Path socket, String authority) {
    this(socket, authority, builder -> builder);
  }

  private RawClient(
      Path socket, String authority, UnaryOperator<NettyChannelBuilder> configuration) {
    channel =
        configuration
            .apply(loops.channelTo(socket))
            .overrideAuthority(authority)
            .directExecutor()
            .maxInboundMessageSize(128 << 20)
            .maxInboundMetadataSize(1 << 20)
            .build();
  }

  /** A client with a flow control window of 64 KiB for what it has not requested. */
  static RawClient slowReader(Path socket) {
    return new RawClient(socket, "localhost", builder -> builder.flowControlWindow(1 << 16));
  }

  static MethodDescriptor<ByteString, ByteString> method(String path, MethodType type) {
    return MethodDescriptor.newBuilder(ByteStringMarshaller.INSTANCE, ByteStringMarshaller.INSTANCE)
        .setFullMethodName(path)
        .setType(type)
        .build();
  }

  /** A v1 call that requests all messages. */
  @CanIgnoreReturnValue
  Answer call(CriMethod method, ByteString request) {
    return call(RawMethods.of(method, ApiVersion.V1), CallOptions.DEFAULT, new Metadata(), request);
  }

  /** A call with any number of requests that requests all messages. */
  @CanIgnoreReturnValue
  Answer call(
      MethodDescriptor<ByteString, ByteString> method,
      CallOptions options,
      Metadata headers,
      ByteString... requests) {
    Answer answer = open(method, options, headers, requests);
    answer.call.request(Integer.MAX_VALUE);
    return answer;
  }

  /** A v1 call that requests no message. */
  @CanIgnoreReturnValue
  Answer open(CriMethod method, ByteString request) {
    return open(RawMethods.of(method, ApiVersion.V1), CallOptions.DEFAULT, new Metadata(), request);
  }

  /** A call that requests no message. */
  @CanIgnoreReturnValue
  Answer open(
      MethodDescriptor<ByteString, ByteString> method,
      CallOptions options,
      Metadata headers,
      ByteString... requests) {
    Answer answer = incomplete(method, options, headers, requests);
    answer.call.halfClose();
    return answer;
  }

  /** A v1 call whose request is never complete. */
  Answer incomplete(CriMethod method, ByteString request) {
    Answer answer =
        incomplete(
            method("runtime.v1.RuntimeService/" + method.name(), MethodType.BIDI_STREAMING),
            CallOptions.DEFAULT,
            new Metadata(),
            request);
    answer.call.request(Integer.MAX_VALUE);
    return answer;
  }

  private Answer incomplete(
      MethodDescriptor<ByteString, ByteString> method,
      CallOptions options,
      Metadata headers,
      ByteString... requests) {
    ClientCall<ByteString, ByteString> call = channel.newCall(method, options);
    Answer answer = new Answer(call);
    call.start(answer, headers);
    for (ByteString request : requests) {
      call.sendMessage(request);
    }
    return answer;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    loops.close();
  }

  /** The answer of one call. */
  static final class Answer extends ClientCall.Listener<ByteString> {
    final ClientCall<ByteString, ByteString> call;
    final CompletableFuture<Metadata> headers = new CompletableFuture<>();
    final List<ByteString> messages = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status> status = new CompletableFuture<>();
    private volatile Metadata trailers;

    private Answer(ClientCall<ByteString, ByteString> call) {
      this.call = call;
    }

    @Override
    public void onHeaders(Metadata received) {
      headers.complete(received);
    }

    @Override
    public void onMessage(ByteString message) {
      messages.add(message);
    }

    @Override
    public void onClose(Status end, Metadata received) {
      trailers = received;
      status.complete(end);
    }

    boolean isClosed() {
      return status.isDone();
    }

    @CanIgnoreReturnValue
    Status status() {
      return Await.result(status);
    }

    Metadata trailers() {
      Await.result(status);
      return trailers;
    }

    /** The message of a successful call. */
    @CanIgnoreReturnValue
    ByteString message() {
      Status end = status();
      if (!end.isOk() || messages.size() != 1) {
        throw new AssertionError(end + " with " + messages.size() + " messages");
      }
      return messages.get(0);
    }
  }
}
