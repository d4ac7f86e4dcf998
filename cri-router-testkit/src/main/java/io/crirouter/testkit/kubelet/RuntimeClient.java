package io.crirouter.testkit.kubelet;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.PullImageResponse;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemoveContainerResponse;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RemovePodSandboxResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StartContainerResponse;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopContainerResponse;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** The calls of a kubelet checkedUnary pods. Their results are recorded in the ledger. */
final class RuntimeClient {
  /** The timeout of StopContainer for a grace period of one second. */
  private static final int STOP_SECONDS = 2;

  private final CriCalls calls;
  private final Ledger ledger;

  RuntimeClient(CriCalls calls, Ledger ledger) {
    this.calls = calls;
    this.ledger = ledger;
  }

  /** A call checkedUnary one sandbox or container. The ledger checks its error. */
  private <R extends Message> CompletableFuture<R> checkedUnary(
      String id, String rpc, Message request, Parser<R> parser) {
    return checkedCall(id, rpc, calls.call(rpc, request, parser));
  }

  <R> CompletableFuture<R> checkedCall(String id, String rpc, CompletableFuture<R> call) {
    return call.whenComplete(
        (answer, failure) -> {
          if (failure instanceof CallFailure callFailure) {
            ledger.failed(rpc, id, callFailure.status());
          }
        });
  }

  /** Completes with false for NOT_FOUND, with true for success. */
  static <R> CompletableFuture<Boolean> orGone(CompletableFuture<R> call) {
    return call.handle(
        (answer, failure) -> {
          if (failure != null && CallFailure.of(failure).status().code() != Code.NOT_FOUND) {
            throw CallFailure.of(failure);
          }
          return failure == null;
        });
  }

  /** Lists all pod sandboxes, then all containers, and passes both to {@code next}. */
  <T> CompletableFuture<T> listAll(
      BiFunction<List<PodSandbox>, List<Container>, CompletableFuture<T>> next) {
    return sandboxes()
        .thenCompose(
            sandboxes -> containers().thenCompose(containers -> next.apply(sandboxes, containers)));
  }

  CompletableFuture<List<PodSandbox>> sandboxes() {
    return calls
        .call(
            "ListPodSandbox",
            ListPodSandboxRequest.getDefaultInstance(),
            ListPodSandboxResponse.parser())
        .thenApply(ListPodSandboxResponse::getItemsList);
  }

  CompletableFuture<List<Container>> containers() {
    return calls
        .call(
            "ListContainers",
            ListContainersRequest.getDefaultInstance(),
            ListContainersResponse.parser())
        .thenApply(ListContainersResponse::getContainersList);
  }

  CompletableFuture<PodSandboxStatus> sandboxStatus(String id) {
    return checkedUnary(
            id,
            "PodSandboxStatus",
            PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build(),
            PodSandboxStatusResponse.parser())
        .thenApply(
            answer -> {
              ledger.observedSandbox(id, answer.getStatus().getState());
              return answer.getStatus();
            });
  }

  CompletableFuture<ContainerStatus> containerStatus(String id) {
    return checkedUnary(
            id,
            "ContainerStatus",
            ContainerStatusRequest.newBuilder().setContainerId(id).build(),
            ContainerStatusResponse.parser())
        .thenApply(
            answer -> {
              ledger.observedContainer(id, answer.getStatus().getState());
              return answer.getStatus();
            });
  }

  CompletableFuture<String> run(PodSandboxConfig config, String handler, String what) {
    return calls
        .call(
            "RunPodSandbox",
            RunPodSandboxRequest.newBuilder().setConfig(config).setRuntimeHandler(handler).build(),
            RunPodSandboxResponse.parser())
        .thenApply(
            answer -> {
              ledger.created(answer.getPodSandboxId(), "the sandbox of " + what, "");
              return answer.getPodSandboxId();
            });
  }

  CompletableFuture<ImageStatusResponse> imageStatus(ImageSpec image) {
    return calls.call(
        "ImageStatus",
        ImageStatusRequest.newBuilder().setImage(image).build(),
        ImageStatusResponse.parser());
  }

  CompletableFuture<String> pull(ImageSpec image, PodSandboxConfig config) {
    return calls
        .call(
            "PullImage",
            PullImageRequest.newBuilder().setImage(image).setSandboxConfig(config).build(),
            PullImageResponse.parser())
        .thenApply(
            answer -> {
              if (answer.getImageRef().isEmpty()) {
                ledger.find(
                    Finding.Kind.MALFORMED_ANSWER, "PullImage succeeded with an empty image_ref");
              }
              return answer.getImageRef();
            });
  }

  CompletableFuture<String> create(
      String sandbox, PodSandboxConfig config, ContainerConfig container, String what) {
    return calls
        .call(
            "CreateContainer",
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .setConfig(container)
                .setSandboxConfig(config)
                .build(),
            CreateContainerResponse.parser())
        .thenApply(
            answer -> {
              ledger.created(answer.getContainerId(), what, sandbox);
              return answer.getContainerId();
            });
  }

  CompletableFuture<StartContainerResponse> start(String container) {
    return checkedUnary(
        container,
        "StartContainer",
        StartContainerRequest.newBuilder().setContainerId(container).build(),
        StartContainerResponse.parser());
  }

  CompletableFuture<Boolean> stop(String container) {

    return orGone(
        checkedUnary(
            container,
            "StopContainer",
            StopContainerRequest.newBuilder()
                .setContainerId(container)
                .setTimeout(STOP_SECONDS)
                .build(),
            StopContainerResponse.parser()));
  }

  CompletableFuture<Boolean> remove(String container) {
    ledger.removalRequested(container);
    return orGone(
            checkedUnary(
                container,
                "RemoveContainer",
                RemoveContainerRequest.newBuilder().setContainerId(container).build(),
                RemoveContainerResponse.parser()))
        .thenApply(removed -> recordRemoval(container, removed));
  }

  CompletableFuture<Boolean> stopSandbox(String id) {

    return orGone(
        checkedUnary(
            id,
            "StopPodSandbox",
            StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build(),
            StopPodSandboxResponse.parser()));
  }

  CompletableFuture<Boolean> removeSandbox(String id) {
    ledger.removalRequested(id);
    return orGone(
            checkedUnary(
                id,
                "RemovePodSandbox",
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build(),
                RemovePodSandboxResponse.parser()))
        .thenApply(removed -> recordRemoval(id, removed));
  }

  private Boolean recordRemoval(String id, Boolean removed) {
    ledger.removed(id);
    return removed;
  }
}
