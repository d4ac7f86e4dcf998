package io.crirouter.examples.criproxy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.GrpcBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;

/**
 * The training run of the class data archive (CDS). Runs the proxy briefly between two minimal
 * runtimes while the JVM records which classes are loaded, so that later starts are faster. It must
 * load no classes that the proxy itself does not use.
 */
@Command(
    name = "training-run",
    hidden = true,
    description = "Runs briefly between two empty runtimes, to record classes for an archive.")
final class TrainingRunCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int ROUNDS = 50;
  private static final String SECOND = "second.example";
  private static final ByteString ID_AT_SECOND = ByteString.copyFromUtf8("seco__1");

  /** An rpc of each route and merge that a kubelet uses all the time. */
  private static final List<String> RPCS =
      List.of(
          "Version",
          "Status",
          "RunPodSandbox",
          "PodSandboxStatus",
          "CreateContainer",
          "ContainerStatus",
          "StopContainer",
          "RemovePodSandbox",
          "ListPodSandbox",
          "ListContainers",
          "ListPodSandboxStats",
          "ListImages",
          "ImageStatus",
          "PullImage",
          "ImageFsInfo");

  /** Keys that most configuration files have and that options cannot set. */
  private static final String CONFIGURATION =
      """
      policies:
        - annotation: kubernetes.io/target-runtime
        - runtimeHandler: {second: second.example}
        - namespace: {second: second.example}
        - label: second
          values: {second: second.example}
      drainTimeout: 5s
      """;

  @Override
  public Integer call() throws Exception {
    Path folder = Files.createTempDirectory("criproxy");
    Path listen = folder.resolve("criproxy.sock");
    try (CriServer first = serve(folder.resolve("first.sock"));
        CriServer second = serve(folder.resolve("second.sock"))) {
      startProxy(listen, first.socket() + "," + SECOND + ":" + second.socket());
      try (GrpcBackend kubelet = GrpcBackend.connect(listen)) {
        for (int round = 0; round < ROUNDS; round++) {
          for (String rpc : RPCS) {
            call(kubelet, rpc, ByteString.EMPTY);
            call(kubelet, rpc, field(1, ID_AT_SECOND));
          }
        }
      }
    } finally {
      delete(folder);
    }
    return 0;
  }

  private static void delete(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private static CriServer serve(Path socket) throws IOException {
    return CriServer.builder((request, listener) -> new EmptyResponse(request, listener))
        .socket(socket)
        .start();
  }

  /** Starts the proxy with a file and options, as a user does. It ends with this process. */
  private static void startProxy(Path listen, String runtimes)
      throws IOException, InterruptedException {
    Path file = listen.resolveSibling("criproxy.yaml");
    Files.writeString(file, CONFIGURATION);
    String[] arguments = {
      "run", "--config=" + file, "--listen=" + listen, "--connect=" + runtimes, "--log-level=error"
    };
    Thread proxy =
        new Thread(() -> CriProxy.commandLine().execute(arguments), "criproxy-training-run");
    proxy.setDaemon(true);
    proxy.start();
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!Files.exists(listen)) {
      if (System.nanoTime() > end) {
        throw new IOException("the proxy did not start within " + LIMIT.toSeconds() + " s");
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /** Makes a call and waits for its end, whatever its status. */
  private static void call(GrpcBackend kubelet, String rpc, ByteString message) throws Exception {
    CompletableFuture<RpcStatus> end = new CompletableFuture<>();
    CriRequest request =
        CriRequest.of(CriMethod.of(rpc), message).withTimeoutNanos(LIMIT.toNanos());
    kubelet
        .start(
            request,
            new ResponseListener() {
              @Override
              public void onMessage(ByteString message) {}

              @Override
              public void onClose(RpcStatus status) {
                end.complete(status);
              }
            })
        .request(1);
    end.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  /** A message with one field. */
  private static ByteString field(int number, ByteString value) throws IOException {
    ByteString.Output bytes = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeBytes(number, value);
    out.flush();
    return bytes.toByteString();
  }

  /** A response that is valid for every rpc: for a list one item with an id, else empty. */
  private static final class EmptyResponse implements RuntimeCall {
    private final CriRequest request;
    private final ResponseListener listener;
    private final AtomicBoolean ended = new AtomicBoolean();

    EmptyResponse(CriRequest request, ResponseListener listener) {
      this.request = request;
      this.listener = listener;
    }

    @Override
    public void request(int count) {
      if (ended.compareAndSet(false, true)) {
        listener.onMessage(message());
        listener.onClose(RpcStatus.OK);
      }
    }

    private ByteString message() {
      try {
        return request.method().name().startsWith("List")
            ? field(1, field(1, ByteString.copyFromUtf8("1")))
            : ByteString.EMPTY;
      } catch (IOException e) {
        throw new UncheckedIOException("writing to memory does no I/O", e);
      }
    }

    @Override
    public void cancel(String reason) {
      if (ended.compareAndSet(false, true)) {
        listener.onClose(RpcStatus.of(RpcStatus.Code.CANCELLED, reason));
      }
    }
  }
}
