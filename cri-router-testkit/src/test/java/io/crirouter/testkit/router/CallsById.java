package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Calls about sandboxes and containers by id. Results are the ids in the responses. */
record CallsById(CriClient client) {
  /** Creates and starts a container in a sandbox, with a client of its runtime. */
  static void startContainer(CriClient direct, String sandbox, String name) {
    String id =
        direct.runtime().createContainer(Pods.container(sandbox, name, "busybox")).getContainerId();
    direct.runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
  }

  String sandboxStatus(String id) {
    return client
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
        .getStatus()
        .getId();
  }

  String containerStatus(String id) {
    return client
        .runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build())
        .getStatus()
        .getId();
  }

  void stopSandbox(String id) {
    client.runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  void removeSandbox(String id) {
    client
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  void stopContainer(String id) {
    client.runtime().stopContainer(StopContainerRequest.newBuilder().setContainerId(id).build());
  }

  void removeContainer(String id) {
    client
        .runtime()
        .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
  }

  List<String> sandboxesLike(String id) {
    PodSandboxFilter filter = PodSandboxFilter.newBuilder().setId(id).build();
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .toList();
  }

  List<String> containersLike(ContainerFilter.Builder filter) {
    return client
        .runtime()
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList()
        .stream()
        .map(Container::getId)
        .toList();
  }

  /** The status of a call that must fail. */
  static Status refusal(ThrowingCallable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
    if (failure == null) {
      throw new AssertionError("the call succeeded");
    }
    return failure.getStatus();
  }
}
