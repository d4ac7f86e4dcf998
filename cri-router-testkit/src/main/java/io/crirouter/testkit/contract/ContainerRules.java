package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.CheckpointContainerRequest;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.UpdateContainerResourcesRequest;
import java.nio.file.Path;
import java.util.List;

/** Creation, start and status of containers. */
final class ContainerRules {

  private ContainerRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("a created container has its config", ContainerRules::created);
    area.add("a started container runs, with its start time", ContainerRules::started);
    area.add("the log path is in the log directory of the pod", ContainerRules::logPath);
    area.add(
        "ContainerStatus has info only if verbose is set",
        ContainerRules::info,
        Feature.VERBOSE_INFO);
    area.add("a container id can be shortened", ContainerRules::shortId, Feature.SHORT_IDS);
    area.add("StartContainer of a running container is refused", ContainerRules::startTwice);
    area.add("StartContainer of an unknown container is refused", ContainerRules::startUnknown);
    area.add("CreateContainer in an unknown sandbox is refused", ContainerRules::noSandbox);
    area.add("StartContainer in a stopped sandbox is refused", ContainerRules::stoppedSandbox);
    area.add("CreateContainer of an absent image is refused", ContainerRules::noImage);
    area.add(
        "CreateContainer of an existing container is refused",
        ContainerRules::twice,
        Feature.UNIQUE_NAMES);
    area.add("the next attempt of a container has another id", ContainerRules::nextAttempt);
    area.add(
        "several containers share a sandbox", ContainerRules::several, Feature.SEVERAL_CONTAINERS);
    area.add(
        "UpdateContainerResources of a running container",
        ContainerRules::resources,
        Feature.CONTAINER_RESOURCES);
    area.add(
        "ContainerStatus of an unknown container is NOT_FOUND", ContainerRules::statusOfUnknown);
    area.add(
        "CheckpointContainer of a running container",
        ContainerRules::checkpoint,
        Feature.CHECKPOINTS);
    return area.rules();
  }

  private static void created(RuleCalls calls) {
    PodSandboxConfig pod = calls.podConfig();
    ContainerConfig config = calls.containerConfig("main");
    String id = calls.create(calls.run(pod), pod, config);
    ContainerStatus status = calls.status(id);
    assertEquals(ContainerState.CONTAINER_CREATED, status.getState());
    assertTrue(status.getCreatedAt() > 0, "created_at is 0");
    assertEquals(0, status.getStartedAt(), "started_at of a container that was not started");
    assertTrue(id.matches(PodRules.ID), () -> id + " does not match " + PodRules.ID);
  }

  private static void started(RuleCalls calls) {
    ContainerConfig config = calls.shared().containerConfig();
    ContainerStatus status = calls.status(calls.shared().container());
    assertEquals(calls.shared().container(), status.getId());
    assertEquals(ContainerState.CONTAINER_RUNNING, status.getState());
    assertEquals(config.getMetadata(), status.getMetadata());
    assertEquals(config.getLabelsMap(), status.getLabelsMap());
    assertEquals(config.getAnnotationsMap(), status.getAnnotationsMap());
    assertTrue(status.getStartedAt() >= status.getCreatedAt(), "started before it was created");
    assertEquals(0, status.getFinishedAt(), "finished_at of a running container");
    assertFalse(status.getImageRef().isEmpty(), "image_ref is empty");
    assertFalse(status.getImage().getImage().isEmpty(), "image is empty");
  }

  private static void logPath(RuleCalls calls) {
    String directory = calls.shared().config().getLogDirectory();
    if (!directory.isEmpty()) {
      assertEquals(
          directory + "/" + calls.shared().containerConfig().getLogPath(),
          calls.status(calls.shared().container()).getLogPath());
    }
  }

  private static void info(RuleCalls calls) {
    ContainerStatusRequest.Builder request =
        ContainerStatusRequest.newBuilder().setContainerId(calls.shared().container());
    ContainerStatusResponse brief = calls.runtime().containerStatus(request.build());
    ContainerStatusResponse verbose =
        calls.runtime().containerStatus(request.setVerbose(true).build());
    assertTrue(brief.getInfoMap().isEmpty(), "info without verbose");
    assertFalse(verbose.getInfoMap().isEmpty(), "verbose without info");
  }

  private static void shortId(RuleCalls calls) {
    String id = calls.shared().container();
    assertEquals(id, calls.status(id.substring(0, PodRules.SHORT)).getId());
  }

  private static void startTwice(RuleCalls calls) {
    String id = calls.shared().container();
    Expect.refused("a second start", () -> calls.startOf(id));
    assertEquals(ContainerState.CONTAINER_RUNNING, calls.status(id).getState());
  }

  private static void startUnknown(RuleCalls calls) {
    Expect.notFound("an unknown container", () -> calls.startOf(RuleCalls.UNKNOWN_ID));
  }

  private static void noSandbox(RuleCalls calls) {
    PodSandboxConfig pod = calls.podConfig();
    String removed = calls.removedPod();
    ContainerConfig config = calls.containerConfig("main");
    Expect.refused("a container without a sandbox", () -> calls.create(removed, pod, config));
  }

  private static void stoppedSandbox(RuleCalls calls) {
    PodSandboxConfig pod = calls.podConfig();
    String id = calls.run(pod);
    String container = calls.create(id, pod, calls.containerConfig("main"));
    calls.stopPod(id);
    Expect.refused("a start in a stopped sandbox", () -> calls.startOf(container));
  }

  private static void noImage(RuleCalls calls) {
    CreateContainerRequest request =
        CreateContainerRequest.newBuilder()
            .setPodSandboxId(calls.shared().id())
            .setConfig(
                calls.containerConfig("imageless").toBuilder()
                    .setImage(ImageSpec.newBuilder().setImage("sha256:" + RuleCalls.UNKNOWN_ID)))
            .setSandboxConfig(calls.shared().config())
            .build();
    Expect.refused("a container without an image", () -> calls.runtime().createContainer(request));
  }

  private static void twice(RuleCalls calls) {
    PodSandboxConfig pod = calls.podConfig();
    String id = calls.run(pod);
    ContainerConfig config = calls.containerConfig("main");
    String unused = calls.create(id, pod, config);
    Expect.refused("a second container with the same name", () -> calls.create(id, pod, config));
  }

  private static void nextAttempt(RuleCalls calls) {
    PodSandboxConfig pod = calls.podConfig();
    String id = calls.run(pod);
    ContainerConfig config = calls.containerConfig("main");
    String first = calls.create(id, pod, config);
    ContainerConfig.Builder next = config.toBuilder();
    next.getMetadataBuilder().setAttempt(1);
    String second = calls.create(id, pod, next.build());
    assertNotEquals(first, second);
    assertEquals(1, calls.status(second).getMetadata().getAttempt());
  }

  private static void several(RuleCalls calls) {
    PodSandboxConfig pod = calls.podConfig();
    String id = calls.run(pod);
    List<String> containers =
        List.of(
            calls.create(id, pod, calls.containerConfig("one")),
            calls.create(id, pod, calls.containerConfig("two")));
    containers.forEach(calls::start);
    calls.stop(containers.get(0), 0);
    ContainerEndRules.assertExited(calls.status(containers.get(0)));
    assertEquals(ContainerState.CONTAINER_RUNNING, calls.status(containers.get(1)).getState());
  }

  private static void resources(RuleCalls calls) {
    String id = calls.startInNewPod();
    var unused =
        calls
            .runtime()
            .updateContainerResources(
                UpdateContainerResourcesRequest.newBuilder()
                    .setContainerId(id)
                    .setLinux(LinuxContainerResources.newBuilder().setCpuShares(512))
                    .build());
    assertEquals(ContainerState.CONTAINER_RUNNING, calls.status(id).getState());
  }

  private static void statusOfUnknown(RuleCalls calls) {
    Expect.notFound("an unknown container", () -> calls.status(RuleCalls.UNKNOWN_ID));
  }

  private static void checkpoint(RuleCalls calls) {
    String id = calls.startInNewPod();
    String folder = calls.runtimeUnderTest().logs().map(Path::toString).orElse("/tmp");
    var unused =
        calls
            .runtime()
            .checkpointContainer(
                CheckpointContainerRequest.newBuilder()
                    .setContainerId(id)
                    .setLocation(folder + "/contract-checkpoint-" + id + ".tar")
                    .build());
    assertEquals(ContainerState.CONTAINER_RUNNING, calls.status(id).getState());
  }
}
