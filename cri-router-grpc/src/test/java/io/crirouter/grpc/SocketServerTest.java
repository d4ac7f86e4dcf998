package io.crirouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An embedder's own services on a socket. */
@Timeout(30)
class SocketServerTest {
  private static final MethodDescriptor<ByteString, ByteString> NAME =
      RawClient.method("own.Service/Name", MethodType.UNARY);
  private static final MethodDescriptor<ByteString, ByteString> FOLLOW =
      RawClient.method("own.Service/Follow", MethodType.SERVER_STREAMING);

  @TempDir private Path folder;
  private final EventLoops loops = EventLoops.create(1);
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<StreamObserver<ByteString>> followers = new CopyOnWriteArrayList<>();
  private Path socket;

  @BeforeEach
  void name() {
    socket = folder.resolve("own.sock");
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    loops.close();
    executor.shutdownNow();
  }

  private SocketServer.Builder named(String name) {
    return SocketServer.builder()
        .socket(socket)
        .eventLoops(loops)
        .executor(executor)
        .service(
            ServerServiceDefinition.builder("own.Service")
                .addMethod(
                    NAME,
                    ServerCalls.asyncUnaryCall(
                        (request, response) -> {
                          response.onNext(ByteString.copyFromUtf8(name));
                          response.onCompleted();
                        }))
                .addMethod(
                    FOLLOW,
                    ServerCalls.asyncServerStreamingCall(
                        (request, response) -> {
                          followers.add(response);
                          response.onNext(request);
                        }))
                .build());
  }

  private ManagedChannel connect() {
    ManagedChannel channel =
        loops.channelTo(socket).overrideAuthority("localhost").directExecutor().build();
    channels.add(channel);
    return channel;
  }

  private String serverName() {
    return ClientCalls.blockingUnaryCall(connect(), NAME, CallOptions.DEFAULT, ByteString.EMPTY)
        .toStringUtf8();
  }

  @Test
  void onlyItsOwnerMayConnectAndNoFileIsLeft() throws IOException {
    try (SocketServer server = named("a").start()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-------");
      assertThat(server.socket()).isEqualTo(socket);
      assertThat(server).hasToString("SocketServer(unix:" + socket + ")");
      assertThat(serverName()).isEqualTo("a");
    }
    assertThat(socket).doesNotExist();
  }

  @Test
  void modeAndGroupAreOptions() throws IOException {
    try (SocketServer server =
        named("a")
            .socketMode(PosixFilePermissions.fromString("rw-rw----"))
            .socketGroup("nogroup")
            .start()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
          .isEqualTo("rw-rw----");
      assertThat(Files.getAttribute(socket, "posix:group")).hasToString("nogroup");
    }
  }

  @Test
  void aFileIsNotReplacedNorIsALiveServerUnlessItIsTakenOver() throws IOException {
    try (SocketServer first = named("first").start()) {
      assertThatThrownBy(() -> named("second").start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another server is listening there");
      assertThat(serverName()).isEqualTo("first");

      try (SocketServer second = named("second").takeOver(true).start()) {
        assertThat(serverName()).isEqualTo("second");
        first.close();
        assertThat(second.socket()).exists();
      }
    }
    Files.writeString(socket, "content");
    assertThatThrownBy(() -> named("a").start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("refusing to replace it");
  }

  @Test
  void connectionsWithOpenStreamsAreKeptWhenThereAreTooMany() throws IOException {
    try (SocketServer server = named("a").start()) {
      Iterator<ByteString> following =
          ClientCalls.blockingServerStreamingCall(
              connect(), FOLLOW, CallOptions.DEFAULT, ByteString.copyFromUtf8("first"));
      assertThat(following.next().toStringUtf8()).isEqualTo("first");

      for (int i = 0; i < 40; i++) {
        assertThat(serverName()).as("connection " + i).isEqualTo("a");
      }
      followers.forEach(follower -> follower.onNext(ByteString.copyFromUtf8("second")));

      assertThat(following.next().toStringUtf8()).isEqualTo("second");
      server.shutdown();
      assertThat(socket).doesNotExist();
      server.close();
      assertThatThrownBy(following::hasNext).isInstanceOf(StatusRuntimeException.class);
    }
  }

  @Test
  void missingOptionsAreNamed() {
    assertThatThrownBy(() -> SocketServer.builder().socket(socket).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("executor(Executor)");
  }
}
