package io.crirouter.testkit.e2e;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The rpcs of v1alpha2, which v1 has too, and a call of each. */
final class SharedRpcs {
  /** From Kubernetes 1.25, the last release with v1alpha2. */
  static final Set<String> NAMES =
      Set.of(
          "Version",
          "RunPodSandbox",
          "StopPodSandbox",
          "RemovePodSandbox",
          "PodSandboxStatus",
          "ListPodSandbox",
          "CreateContainer",
          "StartContainer",
          "StopContainer",
          "RemoveContainer",
          "ListContainers",
          "ContainerStatus",
          "UpdateContainerResources",
          "ReopenContainerLog",
          "ExecSync",
          "Exec",
          "Attach",
          "PortForward",
          "ContainerStats",
          "ListContainerStats",
          "PodSandboxStats",
          "ListPodSandboxStats",
          "UpdateRuntimeConfig",
          "Status",
          "ListImages",
          "ImageStatus",
          "PullImage",
          "RemoveImage",
          "ImageFsInfo");

  private SharedRpcs() {}

  /** Calls about the node as a whole. */
  static List<CriCall> nodeCalls() {
    return Stream.concat(
            TransparencyE2eTest.nodeCalls().stream(),
            Stream.of(
                new CriCall("Status", ""),
                new CriCall("ListImages", ""),
                new CriCall("ImageFsInfo", "")))
        .filter(call -> NAMES.contains(call.rpc()))
        .toList();
  }

  /** Calls about existing and unknown objects of a runtime. */
  static List<CriCall> runtimeCalls() {
    return Stream.of(
            TransparencyE2eTest.successfulCalls(),
            TransparencyE2eTest.failingCalls(),
            List.of(
                new CriCall("RunPodSandbox", "runtime_handler: 'NOTHING'"),
                new CriCall("UpdateContainerResources", "container_id: 'CONTAINER'")))
        .flatMap(List::stream)
        .filter(call -> NAMES.contains(call.rpc()))
        .toList();
  }
}
