package io.crirouter.examples.bench.soak;

import io.crirouter.examples.bench.Sockets;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A runtime that sends events of new pods as fast as they are read, and answers lists with 65 MiB.
 */
final class FloodingRuntime extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  private static final int EVENT_BYTES = 4 << 10;
  private static final int LIST_BYTES = 65 << 20;

  private volatile boolean begun;

  private FloodingRuntime() {}

  static FloodingRuntime serve(Path socket) throws IOException {
    FloodingRuntime runtime = new FloodingRuntime();
    Sockets.serverAt(socket, Sockets.newLoop()).addService(runtime).build().start();
    return runtime;
  }

  /** Starts to answer with long lists. Before that they are empty, so that it becomes ready. */
  void begin() {
    begun = true;
  }

  private static <T> void answer(StreamObserver<T> observer, T response) {
    observer.onNext(response);
    observer.onCompleted();
  }

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> observer) {
    answer(
        observer,
        VersionResponse.newBuilder()
            .setVersion("0.1.0")
            .setRuntimeName(FaultyRuntimes.FLOODING)
            .setRuntimeVersion("1.0.0")
            .setRuntimeApiVersion("v1")
            .build());
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    answer(observer, StatusResponse.getDefaultInstance());
  }

  @Override
  public void listPodSandbox(
      ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> observer) {
    ListPodSandboxResponse.Builder list = ListPodSandboxResponse.newBuilder();
    if (begun) {
      list.addItems(
          PodSandbox.newBuilder().setId("large").putAnnotations("a", "x".repeat(LIST_BYTES)));
    }
    answer(observer, list.build());
  }

  @Override
  public void listContainers(
      ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
    answer(observer, ListContainersResponse.getDefaultInstance());
  }

  @Override
  public void getContainerEvents(
      GetEventsRequest request, StreamObserver<ContainerEventResponse> observer) {
    ServerCallStreamObserver<ContainerEventResponse> events =
        (ServerCallStreamObserver<ContainerEventResponse>) observer;
    events.setOnReadyHandler(
        new Runnable() {
          private long number;

          @Override
          public void run() {
            while (events.isReady() && !events.isCancelled()) {
              events.onNext(event(number++));
            }
          }
        });
  }

  private static ContainerEventResponse event(long number) {
    String id = String.format("%064x", number);
    return ContainerEventResponse.newBuilder()
        .setContainerId(id)
        .setContainerEventType(ContainerEventType.CONTAINER_STARTED_EVENT)
        .setCreatedAt(number)
        .setPodSandboxStatus(
            PodSandboxStatus.newBuilder()
                .setId(id)
                .setMetadata(
                    PodSandboxMetadata.newBuilder()
                        .setName("flood")
                        .setNamespace("default")
                        .setUid(id))
                .putAnnotations("filler", "x".repeat(EVENT_BYTES)))
        .build();
  }
}
