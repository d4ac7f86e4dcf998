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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/**
 * Runs the proxy for a moment between two runtimes of its own, which answer next to nothing. The
 * launcher lets the JVM record which classes that takes, so that a start needs not look for them
 * again. It must use nothing that the proxy itself does not use.
 */
@Command(
    name = "rehearse",
    hidden = true,
    description = "Runs for a moment between two empty runtimes, to make a class archive.")
final class RehearseCommand implements Callable<Integer> {
  private static final Duration START_LIMIT = Duration.ofSeconds(20);
  private static final int ROUNDS = 50;
  private static final String SECOND = "second.example";

  /** One of each route and merge that a kubelet uses all the time. */
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

  @Override
  public Integer call() throws Exception {
    Path folder = Files.createTempDirectory("criproxy");
    Path first = folder.resolve("first.sock");
    Path second = folder.resolve("second.sock");
    Path listen = folder.resolve("criproxy.sock");
    CriServer.builder(RehearseCommand::answer).socket(first).start();
    CriServer.builder(RehearseCommand::answer).socket(second).start();
    Thread proxy =
        new Thread(
            () ->
                CriProxy.commandLine()
                    .execute(
                        "run",
                        "--listen=" + listen,
                        "--connect=" + first + "," + SECOND + ":" + second,
                        "--log-level=error"));
    proxy.setDaemon(true);
    proxy.start();
    await(listen);
    try (GrpcBackend kubelet = GrpcBackend.connect(listen)) {
      for (int round = 0; round < ROUNDS; round++) {
        for (String rpc : RPCS) {
          call(kubelet, rpc, "");
          call(kubelet, rpc, "seco__1");
        }
      }
    }
    return 0;
  }

  private static void await(Path socket) throws IOException, InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!Files.exists(socket)) {
      if (System.nanoTime() > end) {
        throw new IOException("the proxy did not start within " + START_LIMIT.toSeconds() + " s");
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /** An answer that is valid for every rpc: nothing, or for a list one item with an id. */
  private static RuntimeCall answer(CriRequest request, ResponseListener listener) {
    return new RuntimeCall() {
      private boolean answered;

      @Override
      public void request(int count) {
        if (!answered) {
          answered = true;
          boolean isList = request.method().name().startsWith("List");
          listener.onMessage(isList ? field(1, field(1, ByteString.copyFromUtf8("1"))) : field(2, ByteString.EMPTY));
          listener.onClose(RpcStatus.OK);
        }
      }

      @Override
      public void cancel(String reason) {
        if (!answered) {
          answered = true;
          listener.onClose(RpcStatus.of(RpcStatus.Code.CANCELLED, reason));
        }
      }
    };
  }

  /** A message with one field. */
  private static ByteString field(int number, ByteString value) {
    ByteString.Output bytes = ByteString.newOutput();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeBytes(number, value);
      out.flush();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bytes.toByteString();
  }

  /** Waits for the end of a call; how it ends does not matter here. */
  private static void call(GrpcBackend kubelet, String rpc, String id) throws Exception {
    CompletableFuture<RpcStatus> end = new CompletableFuture<>();
    ByteString request =
        id.isEmpty() ? ByteString.EMPTY : field(1, ByteString.copyFromUtf8(id));
    RuntimeCall call =
        kubelet.start(
            CriRequest.of(CriMethod.of(rpc), request)
                .withTimeoutNanos(Duration.ofSeconds(10).toNanos()),
            new ResponseListener() {
              @Override
              public void onMessage(ByteString message) {}

              @Override
              public void onClose(RpcStatus status) {
                end.complete(status);
              }
            });
    call.request(1);
    end.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
  }
}
