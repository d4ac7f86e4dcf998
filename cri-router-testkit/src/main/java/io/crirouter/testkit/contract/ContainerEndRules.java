package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import java.util.List;

/** The exit, stop and removal of containers. */
final class ContainerEndRules {
  private static final int KILLED = 137;

  private ContainerEndRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add(
        "a container that ends has its exit code",
        ContainerEndRules::endsByItself,
        Feature.PROCESSES);
    area.add(
        "a container that ends with 0 has completed",
        ContainerEndRules::completes,
        Feature.PROCESSES);
    area.add(
        "StopContainer sends SIGTERM and keeps the exit code",
        ContainerEndRules::stop,
        Feature.PROCESSES,
        Feature.EXEC);
    area.add(
        "StopContainer kills a container that does not end in time",
        ContainerEndRules::kill,
        Feature.PROCESSES,
        Feature.EXEC);
    area.add("StopContainer with timeout 0 kills at once", ContainerEndRules::killAtOnce);
    area.add("a stopped container has exited, with its finish time", ContainerEndRules::exited);
    area.add("StopContainer can be repeated", ContainerEndRules::stopTwice);
    area.add(
        "StopContainer of an unknown container succeeds",
        ContainerEndRules::stopUnknown,
        Feature.STOP_OF_UNKNOWN_CONTAINER);
    area.add("RemoveContainer of an exited container", ContainerEndRules::remove);
    area.add(
        "RemoveContainer of a running container stops it first", ContainerEndRules::removeRunning);
    area.add("RemoveContainer can be repeated", ContainerEndRules::removeTwice);
    area.add("RemoveContainer of an unknown container succeeds", ContainerEndRules::removeUnknown);
    return area.rules();
  }

  static void assertExited(ContainerStatus status) {
    assertEquals(ContainerState.CONTAINER_EXITED, status.getState());
    assertTrue(status.getFinishedAt() > 0, "finished_at is 0");
    // Not started_at: containerd sets it after the start, when a short container may have ended.
    assertTrue(status.getFinishedAt() >= status.getCreatedAt(), "finished before it was created");
  }

  private static void endsByItself(RuleCalls calls) throws Exception {
    String id = calls.startInNewPod("sh", "-c", "exit 7");
    calls.eventually(() -> assertExited(calls.status(id)));
    assertEquals(7, calls.status(id).getExitCode());
    assertFalse(calls.status(id).getReason().isEmpty(), "reason is empty");
  }

  private static void completes(RuleCalls calls) throws Exception {
    String id = calls.startInNewPod("sh", "-c", "true");
    calls.eventually(() -> assertExited(calls.status(id)));
    assertEquals(0, calls.status(id).getExitCode());
    assertEquals("Completed", calls.status(id).getReason());
  }

  private static void stop(RuleCalls calls) throws Exception {
    String id = startWithTrap(calls, "exit " + RuleCalls.SIGTERM_EXIT_CODE);
    calls.stop(id, 10);
    assertExited(calls.status(id));
    assertEquals(RuleCalls.SIGTERM_EXIT_CODE, calls.status(id).getExitCode());
  }

  private static void kill(RuleCalls calls) throws Exception {
    String id = startWithTrap(calls, "");
    calls.stop(id, 1);
    assertExited(calls.status(id));
    assertEquals(KILLED, calls.status(id).getExitCode());
  }

  /** Starts a container that runs {@code action} on SIGTERM, and waits until the trap is set. */
  private static String startWithTrap(RuleCalls calls, String action) throws Exception {
    String script = "trap '" + action + "' TERM; touch /trapped; while :; do sleep 0.1; done";
    String id = calls.startInNewPod("sh", "-c", script);
    calls.eventually(
        () -> assertEquals(0, calls.exec(id, "sh", "-c", "test -e /trapped").getExitCode()));
    return id;
  }

  private static void killAtOnce(RuleCalls calls) {
    String id = calls.startInNewPod();
    calls.stop(id, 0);
    assertExited(calls.status(id));
    assertEquals(KILLED, calls.status(id).getExitCode());
  }

  private static void exited(RuleCalls calls) {
    String id = calls.startInNewPod();
    calls.stop(id, 2);
    assertExited(calls.status(id));
    assertEquals(
        List.of(ContainerState.CONTAINER_EXITED),
        calls.containers(ContainerFilter.newBuilder().setId(id)).stream()
            .map(container -> container.getState())
            .toList());
  }

  private static void stopTwice(RuleCalls calls) {
    String id = calls.startInNewPod();
    calls.stop(id, 0);
    ContainerStatus first = calls.status(id);
    calls.stop(id, 0);
    assertExited(first);
    assertEquals(first.getFinishedAt(), calls.status(id).getFinishedAt());
  }

  private static void stopUnknown(RuleCalls calls) {
    String id = calls.startInNewPod();
    calls.stop(id, 0);
    calls.remove(id);
    calls.stop(id, 0);
    calls.stop(RuleCalls.UNKNOWN_ID, 0);
  }

  private static void remove(RuleCalls calls) {
    String id = calls.startInNewPod();
    calls.stop(id, 0);
    calls.remove(id);
    Expect.notFound("a container that was removed", () -> calls.status(id));
    assertEquals(List.of(), calls.containers(ContainerFilter.newBuilder().setId(id)));
    assertFalse(
        calls.containers(ContainerFilter.newBuilder()).stream()
            .anyMatch(container -> container.getId().equals(id)),
        "a removed container is listed");
  }

  private static void removeRunning(RuleCalls calls) {
    String id = calls.startInNewPod();
    calls.remove(id);
    Expect.notFound("a container that was removed while it ran", () -> calls.status(id));
  }

  private static void removeTwice(RuleCalls calls) {
    String id = calls.startInNewPod();
    calls.stop(id, 0);
    calls.remove(id);
    calls.remove(id);
    Expect.notFound("a container that was removed twice", () -> calls.status(id));
  }

  private static void removeUnknown(RuleCalls calls) {
    calls.remove(RuleCalls.UNKNOWN_ID);
  }
}
