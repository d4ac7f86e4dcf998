package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.ContainerFilter;
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

/** The life of a pod sandbox. */
final class PodRules {
  /** As crictl shows ids. */
  static final int SHORT = 13;

  /** What becomes part of a file name and of {@code type://id} as it is. */
  static final String ID = "[A-Za-z0-9_.]{1,128}";

  private static final String UNKNOWN = "0123456789abcdef".repeat(4);

  private PodRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("a sandbox that was run is ready and has what it was given", PodRules::status);
    area.add("its id fits into file names and into type://id", PodRules::id);
    area.add("it has an IP address", PodRules::address);
    area.add("its id can be shortened", PodRules::shortId, Feature.SHORT_IDS);
    area.add(
        "its status has its containers and a timestamp",
        PodRules::statusOfContainers,
        Feature.POD_CONTAINER_STATUSES);
    area.add("one without metadata is refused", PodRules::noMetadata);
    area.add("one with an unknown runtime handler is refused", PodRules::unknownHandler);
    area.add("one that is there already is refused", PodRules::twice, Feature.UNIQUE_NAMES);
    area.add("the next attempt of the same pod is another sandbox", PodRules::nextAttempt);
    area.add("StopPodSandbox leaves it listed, not ready", PodRules::stop);
    area.add("StopPodSandbox can be repeated", PodRules::stopTwice);
    area.add("StopPodSandbox ends its containers", PodRules::stopEndsContainers);
    area.add(
        "StopPodSandbox of one that is not there succeeds",
        PodRules::stopUnknown,
        Feature.STOP_OF_UNKNOWN_POD_SANDBOX);
    area.add("RemovePodSandbox removes it with its containers", PodRules::remove);
    area.add("RemovePodSandbox of one that is ready stops it first", PodRules::removeReady);
    area.add("RemovePodSandbox can be repeated", PodRules::removeTwice);
    area.add("RemovePodSandbox of one that never was succeeds", PodRules::removeUnknown);
    area.add("its name can be used again once it is removed", PodRules::nameIsFree);
    area.add("PodSandboxStatus of one that is removed is NOT_FOUND", PodRules::statusOfRemoved);
    area.add("PodSandboxStatus of one that never was is NOT_FOUND", PodRules::statusOfUnknown);
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
    assertTrue(status.getCreatedAt() > 0, "no time of creation");
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
        status.getContainersStatusesList().stream().map(one -> one.getId()).toList());
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
            .setRuntimeHandler("contract-handler-of-nobody")
            .build();
    Expect.refused("an unknown runtime handler", () -> calls.runtime().runPodSandbox(request));
    assertEquals(
        List.of(),
        calls.pods(
            PodSandboxFilter.newBuilder()
                .putLabelSelector(RuleCalls.LABEL, config.getMetadata().getName())),
        "the sandbox that was refused is there");
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
    calls.soon(() -> ContainerEndRules.assertExited(calls.status(container)));
  }

  private static void stopUnknown(RuleCalls calls) {
    calls.stopPod(calls.removedPod());
    calls.stopPod(UNKNOWN);
  }

  private static void remove(RuleCalls calls) {
    String container = calls.startInNewPod();
    String pod = calls.podOf(container);
    calls.stopPod(pod);
    calls.removePod(pod);
    assertEquals(List.of(), calls.pods(PodSandboxFilter.newBuilder().setId(pod)));
    assertEquals(List.of(), calls.containers(ContainerFilter.newBuilder().setId(container)));
    assertFalse(
        calls.pods(PodSandboxFilter.newBuilder()).stream().anyMatch(one -> one.getId().equals(pod)),
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
    calls.removePod(UNKNOWN);
  }

  private static void nameIsFree(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    String first = calls.run(config);
    calls.stopPod(first);
    calls.removePod(first);
    assertNotEquals(first, calls.run(config), "ids must not be used again");
  }

  private static void statusOfRemoved(RuleCalls calls) {
    String removed = calls.removedPod();
    Expect.notFound("a sandbox that was removed", () -> calls.podStatus(removed));
  }

  private static void statusOfUnknown(RuleCalls calls) {
    Expect.notFound("a sandbox that never was", () -> calls.podStatus(UNKNOWN));
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
