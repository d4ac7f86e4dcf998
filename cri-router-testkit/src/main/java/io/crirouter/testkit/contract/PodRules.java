package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.UpdatePodSandboxResourcesRequest;
import java.util.List;

/** Creation, status, stop and removal of pod sandboxes. */
final class PodRules {
  /** The length of shortened ids in crictl. */
  static final int SHORT = 13;

  /** An id that is valid in file names and in {@code type://id}. */
  static final String ID = "[A-Za-z0-9_.]{1,128}";

  private PodRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("a sandbox is ready and has its config", PodRules::status);
    area.add("ids are valid in file names and in type://id", PodRules::id);
    area.add("a sandbox has an IP address", PodRules::address);
    area.add("a sandbox id can be shortened", PodRules::shortId, Feature.SHORT_IDS);
    area.add(
        "PodSandboxStatus has the container statuses and a timestamp",
        PodRules::statusOfContainers,
        Feature.POD_CONTAINER_STATUSES);
    area.add("RunPodSandbox without metadata is refused", PodRules::noMetadata);
    area.add("RunPodSandbox with an unknown runtime handler is refused", PodRules::unknownHandler);
    area.add(
        "RunPodSandbox of an existing sandbox is refused", PodRules::twice, Feature.UNIQUE_NAMES);
    area.add("the next attempt of a pod has another sandbox id", PodRules::nextAttempt);
    area.add("a stopped sandbox is listed as not ready", PodRules::stop);
    area.add("StopPodSandbox can be repeated", PodRules::stopTwice);
    area.add("StopPodSandbox stops the containers", PodRules::stopEndsContainers);
    area.add(
        "StopPodSandbox of an unknown sandbox succeeds",
        PodRules::stopUnknown,
        Feature.STOP_OF_UNKNOWN_POD_SANDBOX);
    area.add("RemovePodSandbox removes the sandbox and its containers", PodRules::remove);
    area.add("RemovePodSandbox of a ready sandbox stops it first", PodRules::removeReady);
    area.add("RemovePodSandbox can be repeated", PodRules::removeTwice);
    area.add("RemovePodSandbox of an unknown sandbox succeeds", PodRules::removeUnknown);
    area.add("the name of a removed sandbox can be used again", PodRules::nameIsFree);
    area.add("PodSandboxStatus of a removed sandbox is NOT_FOUND", PodRules::statusOfRemoved);
    area.add("PodSandboxStatus of an unknown sandbox is NOT_FOUND", PodRules::statusOfUnknown);
    area.add("UpdatePodSandboxResources", PodRules::resources, Feature.POD_RESOURCES);
    return area.rules();
  }

  private static void status(RuleCalls calls) {
    PodSandboxConfig config = calls.shared().config();
    PodSandboxStatus status = calls.podStatus(calls.shared().id());
    assertEquals(calls.shared().id(), status.getId());
    assertEquals(PodSandboxState.SANDBOX_READY, status.getState());
    assertEquals(config.getMetadata(), status.getMetadata());
    assertEquals(config.getLabelsMap(), status.getLabelsMap());
    assertEquals(config.getAnnotationsMap(), status.getAnnotationsMap());
    assertEquals(calls.runtimeUnderTest().runtimeHandler, status.getRuntimeHandler());
    assertTrue(status.getCreatedAt() > 0, "created_at is 0");
  }

  private static void id(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    String pod = calls.run(config);
    String container = calls.create(pod, config, calls.containerConfig("main"));
    for (String id : List.of(pod, container)) {
      assertTrue(id.matches(ID), () -> id + " does not match " + ID);
    }
  }

  private static void address(RuleCalls calls) {
    String ip = calls.podStatus(calls.shared().id()).getNetwork().getIp();
    assertTrue(ip.matches("[0-9.]{7,15}|[0-9a-fA-F:.]{3,45}"), () -> "no IP address: '" + ip + "'");
  }

  private static void shortId(RuleCalls calls) {
    String id = calls.shared().id();
    assertEquals(id, calls.podStatus(id.substring(0, SHORT)).getId());
  }

  private static void statusOfContainers(RuleCalls calls) {
    PodSandboxStatusResponse status =
        calls
            .runtime()
            .podSandboxStatus(
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(calls.shared().id()).build());
    assertEquals(
        List.of(calls.shared().container()),
        status.getContainersStatusesList().stream().map(ContainerStatus::getId).toList());
    assertTrue(status.getTimestamp() > 0, "no timestamp");
  }

  private static void noMetadata(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig().toBuilder().clearMetadata().build();
    Expect.refused("a sandbox without metadata", () -> calls.run(config));
  }

  private static void unknownHandler(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    RunPodSandboxRequest request =
        RunPodSandboxRequest.newBuilder()
            .setConfig(config)
            .setRuntimeHandler("contract-unknown-handler")
            .build();
    Expect.refused("an unknown runtime handler", () -> calls.runtime().runPodSandbox(request));
    assertEquals(
        List.of(),
        calls.pods(
            PodSandboxFilter.newBuilder()
                .putLabelSelector(RuleCalls.LABEL, config.getMetadata().getName())),
        "the refused sandbox is listed");
  }

  private static void twice(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    String unused = calls.run(config);
    Expect.refused("a second sandbox for one pod", () -> calls.run(config));
  }

  private static void nextAttempt(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    String first = calls.run(config);
    calls.stopPod(first);
    PodSandboxConfig.Builder next = config.toBuilder();
    next.getMetadataBuilder().setAttempt(1);
    String second = calls.run(next.build());
    assertNotEquals(first, second);
    assertEquals(PodSandboxState.SANDBOX_NOTREADY, calls.podStatus(first).getState());
    assertEquals(PodSandboxState.SANDBOX_READY, calls.podStatus(second).getState());
    assertEquals(1, calls.podStatus(second).getMetadata().getAttempt());
  }

  private static void stop(RuleCalls calls) {
    String id = calls.run();
    calls.stopPod(id);
    assertEquals(PodSandboxState.SANDBOX_NOTREADY, calls.podStatus(id).getState());
    assertEquals(
        List.of(PodSandboxState.SANDBOX_NOTREADY),
        calls.pods(PodSandboxFilter.newBuilder().setId(id)).stream()
            .map(pod -> pod.getState())
            .toList());
  }

  private static void stopTwice(RuleCalls calls) {
    String id = calls.run();
    calls.stopPod(id);
    calls.stopPod(id);
    assertEquals(PodSandboxState.SANDBOX_NOTREADY, calls.podStatus(id).getState());
  }

  private static void stopEndsContainers(RuleCalls calls) throws Exception {
    String container = calls.startInNewPod();
    String pod = calls.podOf(container);
    calls.stopPod(pod);
    calls.eventually(() -> ContainerEndRules.assertExited(calls.status(container)));
  }

  private static void stopUnknown(RuleCalls calls) {
    calls.stopPod(calls.removedPod());
    calls.stopPod(RuleCalls.UNKNOWN_ID);
  }

  private static void remove(RuleCalls calls) {
    String container = calls.startInNewPod();
    String pod = calls.podOf(container);
    calls.stopPod(pod);
    calls.removePod(pod);
    assertEquals(List.of(), calls.pods(PodSandboxFilter.newBuilder().setId(pod)));
    assertEquals(List.of(), calls.containers(ContainerFilter.newBuilder().setId(container)));
    assertFalse(
        calls.pods(PodSandboxFilter.newBuilder()).stream()
            .anyMatch(listed -> listed.getId().equals(pod)),
        "a removed sandbox is listed");
    Expect.notFound("a container that was removed with its pod", () -> calls.status(container));
  }

  private static void removeReady(RuleCalls calls) {
    String container = calls.startInNewPod();
    String pod = calls.podOf(container);
    calls.removePod(pod);
    Expect.notFound("a sandbox that was removed while ready", () -> calls.podStatus(pod));
    Expect.notFound("its container", () -> calls.status(container));
  }

  private static void removeTwice(RuleCalls calls) {
    String removed = calls.removedPod();
    calls.removePod(removed);
    Expect.notFound("a sandbox that was removed twice", () -> calls.podStatus(removed));
  }

  private static void removeUnknown(RuleCalls calls) {
    calls.removePod(RuleCalls.UNKNOWN_ID);
  }

  private static void nameIsFree(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    String first = calls.run(config);
    calls.stopPod(first);
    calls.removePod(first);
    assertNotEquals(first, calls.run(config), "ids must not be reused");
  }

  private static void statusOfRemoved(RuleCalls calls) {
    String removed = calls.removedPod();
    Expect.notFound("a sandbox that was removed", () -> calls.podStatus(removed));
  }

  private static void statusOfUnknown(RuleCalls calls) {
    Expect.notFound("an unknown sandbox", () -> calls.podStatus(RuleCalls.UNKNOWN_ID));
  }

  private static void resources(RuleCalls calls) {
    String id = calls.run();
    var unused =
        calls
            .runtime()
            .updatePodSandboxResources(
                UpdatePodSandboxResourcesRequest.newBuilder()
                    .setPodSandboxId(id)
                    .setResources(LinuxContainerResources.newBuilder().setCpuShares(512))
                    .build());
    assertEquals(PodSandboxState.SANDBOX_READY, calls.podStatus(id).getState());
  }
}
