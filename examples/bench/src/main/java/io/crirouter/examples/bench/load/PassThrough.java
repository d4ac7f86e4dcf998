package io.crirouter.examples.bench.load;

import io.crirouter.examples.bench.Sockets;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Detachable;
import io.grpc.Drainable;
import io.grpc.HandlerRegistry;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The minimal proxy on gRPC-Java. It forwards unary calls to one socket, on one thread. A message
 * stays in its received buffers until they are copied to those for sending. It has no deadlines and
 * one runtime. It shows the cost of the library itself.
 */
public final class PassThrough extends HandlerRegistry {
  private static final int CHUNK_BYTES = 16 << 10;
  private static final Marshaller<InputStream> BUFFERS = new Buffers();

  private final ManagedChannel channel;
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new ConcurrentHashMap<>();

  private PassThrough(ManagedChannel channel) {
    this.channel = channel;
  }

  /**
   * Serves until the process is ended.
   *
   * @param args the socket to serve, and the socket of the runtime
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    EventLoopGroup loop = Sockets.newLoop();
    ManagedChannel channel = Sockets.channelTo(Path.of(args[1]), loop).build();
    Sockets.serverAt(Path.of(args[0]), loop)
        .fallbackHandlerRegistry(new PassThrough(channel))
        .build()
        .start()
        .awaitTermination();
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String path, @Nullable String authority) {
    return methods.computeIfAbsent(path, this::forward);
  }

  private ServerMethodDefinition<?, ?> forward(String path) {
    MethodDescriptor<InputStream, InputStream> method =
        MethodDescriptor.newBuilder(BUFFERS, BUFFERS)
            .setFullMethodName(path)
            .setType(MethodType.UNARY)
            .build();
    return ServerMethodDefinition.create(
        method,
        (client, headers) -> {
          ClientCall<InputStream, InputStream> runtime =
              channel.newCall(method, CallOptions.DEFAULT);
          runtime.start(new AnswerForwarder(client), new Metadata());
          runtime.request(2);
          client.request(2);
          return new RequestForwarder(runtime);
        });
  }

  private static final class RequestForwarder extends ServerCall.Listener<InputStream> {
    private final ClientCall<InputStream, InputStream> runtime;

    RequestForwarder(ClientCall<InputStream, InputStream> runtime) {
      this.runtime = runtime;
    }

    @Override
    public void onMessage(InputStream request) {
      runtime.sendMessage(request);
    }

    @Override
    public void onHalfClose() {
      runtime.halfClose();
    }

    @Override
    public void onCancel() {
      runtime.cancel("the client cancelled the call", null);
    }
  }

  private static final class AnswerForwarder extends ClientCall.Listener<InputStream> {
    private final ServerCall<InputStream, InputStream> client;

    AnswerForwarder(ServerCall<InputStream, InputStream> client) {
      this.client = client;
    }

    @Override
    public void onHeaders(Metadata headers) {
      client.sendHeaders(headers);
    }

    @Override
    public void onMessage(InputStream answer) {
      client.sendMessage(answer);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      client.close(status, trailers);
    }
  }

  /** Takes over the buffers of a message from gRPC, and releases them when they are sent. */
  private static final class Buffers implements Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream message) {
      return new Outgoing(message);
    }

    @Override
    public InputStream parse(InputStream message) {
      return ((Detachable) message).detach();
    }
  }

  /** Copies through a small array, because gRPC accepts arrays only. */
  private static final class Outgoing extends FilterInputStream implements Drainable, KnownLength {
    Outgoing(InputStream message) {
      super(message);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      byte[] chunk = new byte[CHUNK_BYTES];
      int total = 0;
      for (int count = in.read(chunk); count > 0; count = in.read(chunk)) {
        target.write(chunk, 0, count);
        total += count;
      }
      in.close();
      return total;
    }
  }
}
