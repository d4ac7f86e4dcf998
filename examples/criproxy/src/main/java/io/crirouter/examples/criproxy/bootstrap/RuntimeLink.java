package io.crirouter.examples.criproxy.bootstrap;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RuntimeConfigRequest;
import io.crirouter.proto.v1.RuntimeConfigResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A blocking client for a few CRI calls to one socket. */
final class RuntimeLink implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final String socket;
  private final RuntimeBackend runtime;

  private RuntimeLink(String socket, RuntimeBackend runtime) {
    this.socket = socket;
    this.runtime = runtime;
  }

  static RuntimeLink open(Node node, Endpoint endpoint) {
    return new RuntimeLink(endpoint.socket(), node.runtime(endpoint.socket()));
  }

  VersionResponse version() throws IOException, InterruptedException {
    return call("Version", VersionRequest.getDefaultInstance(), VersionResponse.parser());
  }

  List<PodSandbox> pods() throws IOException, InterruptedException {
    return call(
            "ListPodSandbox",
            ListPodSandboxRequest.getDefaultInstance(),
            ListPodSandboxResponse.parser())
        .getItemsList();
  }

  List<Container> containers() throws IOException, InterruptedException {
    return call(
            "ListContainers",
            ListContainersRequest.getDefaultInstance(),
            ListContainersResponse.parser())
        .getContainersList();
  }

  List<Image> images() throws IOException, InterruptedException {
    return call("ListImages", ListImagesRequest.getDefaultInstance(), ListImagesResponse.parser())
        .getImagesList();
  }

  PodSandboxStatus pod(String id) throws IOException, InterruptedException {
    return call(
            "PodSandboxStatus",
            PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build(),
            PodSandboxStatusResponse.parser())
        .getStatus();
  }

  ContainerStatus container(String id) throws IOException, InterruptedException {
    return call(
            "ContainerStatus",
            ContainerStatusRequest.newBuilder().setContainerId(id).build(),
            ContainerStatusResponse.parser())
        .getStatus();
  }

  /** The runtime's cgroup driver; empty if the runtime does not serve RuntimeConfig. */
  Optional<String> cgroupDriver() throws InterruptedException {
    try {
      return Optional.of(
          call(
                  "RuntimeConfig",
                  RuntimeConfigRequest.getDefaultInstance(),
                  RuntimeConfigResponse.parser())
              .getLinux()
              .getCgroupDriver()
              .name()
              .toLowerCase(Locale.ROOT));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private <R> R call(String rpc, Message request, Parser<R> parser)
      throws IOException, InterruptedException {
    OneMessage answer = new OneMessage();
    RuntimeCall call =
        runtime.start(
            CriRequest.of(CriMethod.of(rpc), request.toByteString())
                .withTimeoutNanos(LIMIT.toNanos()),
            answer);
    call.request(1);
    try {
      return parser.parseFrom(answer.message.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
    } catch (TimeoutException e) {
      call.cancel("no answer in time");
      throw failure(rpc, "no answer within " + LIMIT.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw failure(
          rpc, Optional.ofNullable(e.getCause()).map(Throwable::getMessage).orElse(""), e);
    } catch (InvalidProtocolBufferException e) {
      throw failure(rpc, "the answer is malformed", e);
    }
  }

  private IOException failure(String rpc, String why, Exception cause) {
    return new IOException(rpc + " at " + socket + " failed: " + why, cause);
  }

  @Override
  public void close() {
    if (runtime instanceof AutoCloseable connection) {
      try {
        connection.close();
      } catch (Exception e) {
        throw new IllegalStateException("closing " + runtime, e);
      }
    }
  }

  /** Collects the only message of a response. */
  private static final class OneMessage implements ResponseListener {
    private final CompletableFuture<ByteString> message = new CompletableFuture<>();
    private ByteString last = ByteString.EMPTY;

    @Override
    public void onMessage(ByteString bytes) {
      last = bytes;
    }

    @Override
    public void onClose(RpcStatus status) {
      if (status.isOk()) {
        message.complete(last);
      } else {
        message.completeExceptionally(status.asException());
      }
    }
  }
}
