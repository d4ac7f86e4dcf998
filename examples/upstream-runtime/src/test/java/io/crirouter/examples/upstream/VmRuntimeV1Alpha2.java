package io.crirouter.examples.upstream;

import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import runtime.v1alpha2.Api.Image;
import runtime.v1alpha2.Api.ImageStatusRequest;
import runtime.v1alpha2.Api.ImageStatusResponse;
import runtime.v1alpha2.Api.ListContainersRequest;
import runtime.v1alpha2.Api.ListContainersResponse;
import runtime.v1alpha2.Api.ListPodSandboxRequest;
import runtime.v1alpha2.Api.ListPodSandboxResponse;
import runtime.v1alpha2.Api.PodSandbox;
import runtime.v1alpha2.Api.PodSandboxState;
import runtime.v1alpha2.Api.PodSandboxStatus;
import runtime.v1alpha2.Api.PodSandboxStatusRequest;
import runtime.v1alpha2.Api.PodSandboxStatusResponse;
import runtime.v1alpha2.Api.RunPodSandboxRequest;
import runtime.v1alpha2.Api.RunPodSandboxResponse;
import runtime.v1alpha2.Api.RuntimeCondition;
import runtime.v1alpha2.Api.RuntimeStatus;
import runtime.v1alpha2.Api.StatusRequest;
import runtime.v1alpha2.Api.StatusResponse;
import runtime.v1alpha2.Api.VersionRequest;
import runtime.v1alpha2.Api.VersionResponse;
import runtime.v1alpha2.ImageServiceGrpc;
import runtime.v1alpha2.RuntimeServiceGrpc;

/** A runtime on classes generated from the upstream definition of v1alpha2. */
final class VmRuntimeV1Alpha2 extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  private final Map<String, PodSandbox> pods = new LinkedHashMap<>();

  /** The runtime service and the image service. */
  List<BindableService> services() {
    return List.of(this, new Images());
  }

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> response) {
    answer(
        response,
        VersionResponse.newBuilder()
            .setVersion("0.1.0")
            .setRuntimeName("vm")
            .setRuntimeVersion("1.0.0")
            .setRuntimeApiVersion("v1alpha2")
            .build());
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> response) {
    answer(
        response,
        StatusResponse.newBuilder()
            .setStatus(
                RuntimeStatus.newBuilder()
                    .addConditions(
                        RuntimeCondition.newBuilder().setType("RuntimeReady").setStatus(true)))
            .build());
  }

  @Override
  public synchronized void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> response) {
    String id = "vm" + pods.size();
    pods.put(
        id,
        PodSandbox.newBuilder()
            .setId(id)
            .setMetadata(request.getConfig().getMetadata())
            .setState(PodSandboxState.SANDBOX_READY)
            .build());
    answer(response, RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build());
  }

  @Override
  public synchronized void podSandboxStatus(
      PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> response) {
    PodSandbox pod = pods.get(request.getPodSandboxId());
    if (pod == null) {
      response.onError(
          Status.NOT_FOUND
              .withDescription("there is no VM " + request.getPodSandboxId())
              .asRuntimeException());
      return;
    }
    answer(
        response,
        PodSandboxStatusResponse.newBuilder()
            .setStatus(
                PodSandboxStatus.newBuilder()
                    .setId(pod.getId())
                    .setMetadata(pod.getMetadata())
                    .setState(pod.getState()))
            .build());
  }

  @Override
  public synchronized void listPodSandbox(
      ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> response) {
    answer(response, ListPodSandboxResponse.newBuilder().addAllItems(pods.values()).build());
  }

  @Override
  public void listContainers(
      ListContainersRequest request, StreamObserver<ListContainersResponse> response) {
    answer(response, ListContainersResponse.getDefaultInstance());
  }

  private static final class Images extends ImageServiceGrpc.ImageServiceImplBase {
    @Override
    public void imageStatus(
        ImageStatusRequest request, StreamObserver<ImageStatusResponse> response) {
      answer(
          response,
          ImageStatusResponse.newBuilder()
              .setImage(
                  Image.newBuilder()
                      .setId("sha256:" + "0".repeat(64))
                      .addRepoTags(request.getImage().getImage()))
              .build());
    }
  }

  private static <A> void answer(StreamObserver<A> response, A message) {
    response.onNext(message);
    response.onCompleted();
  }
}
