package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.LIST;
import static io.crirouter.grpc.Rpcs.randomBytes;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server in a process of its own, with the JVM options of the standalone proxy. Its backend
 * answers lists with 5 MiB and streams with endless messages of 1 MiB. It never answers Status, and
 * answers all other rpcs with the request.
 */
final class ServerProcess implements AutoCloseable {
  static final int LIST_BYTES = 5 << 20;

  private static final List<String> OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms28m",
          "-Xmn20m",
          "-XX:SurvivorRatio=2",
          "-XX:TargetSurvivorRatio=90",
          "-Xss512k",
          "-XX:+IgnoreUnrecognizedVMOptions",
          "-XX:TrimNativeHeapInterval=10000",
          "-Dio.grpc.netty.shaded.io.netty.leakDetection.level=disabled",
          "-Dio.grpc.netty.shaded.io.netty.jfr.enabled=false");

  private final Process process;

  private ServerProcess(Process process) {
    this.process = process;
  }

  static ServerProcess at(Path socket) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), ServerProcess.class.getName()));
    command.add(socket.toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(socket.resolveSibling("server.log").toFile());
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    ServerProcess started = new ServerProcess(builder.start());
    Await.until("the server", () -> Files.exists(socket));
    return started;
  }

  /** The peak memory of the process. */
  long peakMib() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      String peak = lines.filter(line -> line.startsWith("VmHWM:")).findFirst().orElseThrow();
      return Long.parseLong(peak.replaceAll("\\D", "")) >> 10;
    }
  }

  /** The number of open files and sockets of the process. */
  int descriptors() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return (int) files.count();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The process: serves at the given path until it is killed. */
  public static void main(String[] args) throws Exception {
    RuntimeBackend verbose =
        args.length > 1 ? GrpcBackend.connect(Path.of(args[1])) : ServerProcess::answer;
    try (CriServer server = CriServer.builder(verbose).socket(Path.of(args[0])).start()) {
      Thread.currentThread().join();
      throw new AssertionError(server);
    }
  }

  private static RuntimeCall answer(CriRequest request, ResponseListener listener) {
    if (request.method().equals(Rpcs.STATUS)) {
      return RuntimeCall.ENDED;
    }
    if (request.method().serverStreaming()) {
      return new RuntimeCall() {
        @Override
        public void request(int count) {
          listener.onMessage(randomBytes(1 << 20));
        }

        @Override
        public void cancel(String reason) {
          listener.onClose(RpcStatus.of(RpcStatus.Code.CANCELLED, reason));
        }
      };
    }
    listener.onMessage(
        request.method().equals(LIST)
            ? ByteString.copyFrom(new byte[LIST_BYTES])
            : request.message());
    listener.onClose(RpcStatus.OK);
    return RuntimeCall.ENDED;
  }
}
