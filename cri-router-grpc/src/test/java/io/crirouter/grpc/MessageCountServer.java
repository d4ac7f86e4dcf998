package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A runtime that answers every rpc, also a unary one, with a given number of messages. */
final class MessageCountServer extends HandlerRegistry implements AutoCloseable {
  volatile int messages = 1;
  private final EventLoops loops = EventLoops.create(1);
  private final Server server;

  MessageCountServer(Path socket) throws IOException {
    server = loops.serverAt(socket).directExecutor().fallbackHandlerRegistry(this).build().start();
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String path, String authority) {
    ServerCallHandler<ByteString, ByteString> handler =
        (call, headers) -> {
          call.request(1);
          return new ServerCall.Listener<>() {
            @Override
            public void onHalfClose() {
              call.sendHeaders(new Metadata());
              for (int i = 0; i < messages; i++) {
                call.sendMessage(ByteString.EMPTY);
              }
              call.close(Status.OK, new Metadata());
            }
          };
        };
    return ServerMethodDefinition.create(
        RawClient.method(path, MethodType.BIDI_STREAMING), handler);
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    loops.close();
  }
}
