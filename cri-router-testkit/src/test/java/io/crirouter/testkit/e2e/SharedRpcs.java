package io.crirouter.testkit.e2e;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The rpcs of v1alpha2, all of which v1 has too, and something to ask of each of them. */
final class SharedRpcs {
  /** As of Kubernetes 1.25, the last release with v1alpha2. */
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

  /** Questions about the node as a whole. */
  static List<Question> aboutTheNode() {
    return Stream.concat(
            TransparencyE2eTest.aboutTheNode().stream(),
            Stream.of(
                new Question("Status", ""),
                new Question("ListImages", ""),
                new Question("ImageFsInfo", "")))
        .filter(question -> NAMES.contains(question.rpc()))
        .toList();
  }

  /** Questions about what a runtime has, or does not have. */
  static List<Question> aboutARuntime() {
    return Stream.of(
            TransparencyE2eTest.aboutWhatThereIs(),
            TransparencyE2eTest.unfounded(),
            List.of(
                new Question("RunPodSandbox", "runtime_handler: 'NOTHING'"),
                new Question("UpdateContainerResources", "container_id: 'CONTAINER'")))
        .flatMap(List::stream)
        .filter(question -> NAMES.contains(question.rpc()))
        .toList();
  }
}
