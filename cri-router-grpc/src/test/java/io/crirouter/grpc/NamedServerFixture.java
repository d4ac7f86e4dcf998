package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.VERSION;

import com.google.protobuf.ByteString;
import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Servers at one path that answer with their names. */
abstract class NamedServerFixture {
  @TempDir Path folder;
  Path socket;

  @BeforeEach
  final void name() {
    socket = folder.resolve("cri.sock");
  }

  final CriServer serve(String name) throws IOException {
    return builder(name).start();
  }

  final CriServer.Builder builder(String name) {
    return CriServer.builder(named(name)).socket(socket);
  }

  static RuntimeBackend named(String name) {
    return Rpcs.answering(request -> ByteString.copyFromUtf8(name));
  }

  final String serverName() {
    try (RawClient client = new RawClient(socket)) {
      return serverName(client);
    }
  }

  static String serverName(RawClient client) {
    return client.call(VERSION, ByteString.EMPTY).message().toStringUtf8();
  }

  /** The files in the folder, except the lock, which stays. */
  final List<String> leftOver() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("cri.sock.lock"))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
