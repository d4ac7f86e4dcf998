package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The least that a proxy made with gRPC-Java does: every unary call goes to one socket, its message
 * copied in and out, on one thread. It knows neither deadlines nor several runtimes; it shows what
 * the library itself costs.
 */
public final class PassThrough extends HandlerRegistry {
  private final ManagedChannel channel;
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new ConcurrentHashMap<>();

  private PassThrough(ManagedChannel channel) {
    this.channel = channel;
  }

  /**
   * Serves until the process is ended.
   *
   * @param args the socket to serve, and the one to pass calls to
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
    return methods.computeIfAbsent(path, this::pass);
  }

  private ServerMethodDefinition<?, ?> pass(String path) {
    MethodDescriptor<ByteString, ByteString> method = RawBytes.method(path);
    return ServerMethodDefinition.create(
        method,
        (client, headers) -> {
          ClientCall<ByteString, ByteString> runtime = channel.newCall(method, CallOptions.DEFAULT);
          runtime.start(new Downwards(client), new Metadata());
          runtime.request(2);
          client.request(2);
          return new Upwards(runtime);
        });
  }

  private static final class Upwards extends ServerCall.Listener<ByteString> {
    private final ClientCall<ByteString, ByteString> runtime;

    Upwards(ClientCall<ByteString, ByteString> runtime) {
      this.runtime = runtime;
    }

    @Override
    public void onMessage(ByteString request) {
      runtime.sendMessage(request);
    }

    @Override
    public void onHalfClose() {
      runtime.halfClose();
    }

    @Override
    public void onCancel() {
      runtime.cancel("the client gave up", null);
    }
  }

  private static final class Downwards extends ClientCall.Listener<ByteString> {
    private final ServerCall<ByteString, ByteString> client;

    Downwards(ServerCall<ByteString, ByteString> client) {
      this.client = client;
    }

    @Override
    public void onHeaders(Metadata headers) {
      client.sendHeaders(headers);
    }

    @Override
    public void onMessage(ByteString answer) {
      client.sendMessage(answer);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      client.close(status, trailers);
    }
  }
}
