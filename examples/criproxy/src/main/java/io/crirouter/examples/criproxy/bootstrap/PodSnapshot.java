package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The running pods and containers of a runtime, with their IPs, start times and attempts.
 *
 * @param facts the properties of each, by {@code pod ID} or {@code container ID}
 */
record PodSnapshot(Map<String, String> facts) {
  private static final String POD = "pod ";
  private static final String CONTAINER = "container ";
  private static final Duration STEADY = Duration.ofMinutes(10);

  PodSnapshot {
    facts = Map.copyOf(facts);
  }

  /**
   * Takes a snapshot of a runtime. Containers that were restarted in the last ten minutes are left
   * out, because they may restart again at any time.
   */
  static PodSnapshot take(RuntimeLink runtime, Instant now)
      throws IOException, InterruptedException {
    Map<String, String> facts = new TreeMap<>();
    for (PodSandbox pod : runtime.pods()) {
      if (pod.getState() == PodSandboxState.SANDBOX_READY) {
        facts.put(POD + pod.getId(), pod(runtime, pod));
      }
    }
    for (Container container : runtime.containers()) {
      if (container.getState() == ContainerState.CONTAINER_RUNNING) {
        ContainerStatus status = runtime.container(container.getId());
        boolean isSteady =
            container.getMetadata().getAttempt() == 0
                || Instant.ofEpochSecond(0, status.getStartedAt()).isBefore(now.minus(STEADY));
        if (isSteady) {
          facts.put(CONTAINER + container.getId(), container(container, status));
        }
      }
    }
    return new PodSnapshot(facts);
  }

  private static String pod(RuntimeLink runtime, PodSandbox pod)
      throws IOException, InterruptedException {
    return "created %d, attempt %d, ip %s"
        .formatted(
            pod.getCreatedAt(),
            pod.getMetadata().getAttempt(),
            runtime.pod(pod.getId()).getNetwork().getIp());
  }

  private static String container(Container container, ContainerStatus status) {
    return "started %d, attempt %d, pod %s"
        .formatted(
            status.getStartedAt(),
            container.getMetadata().getAttempt(),
            container.getPodSandboxId());
  }

  /** The differences to the present state. Containers with exit code 0, and their pods, may end. */
  List<String> differences(RuntimeLink runtime) throws IOException, InterruptedException {
    Map<String, Container> containers = new HashMap<>();
    runtime
        .containers()
        .forEach(container -> containers.put(CONTAINER + container.getId(), container));
    Map<String, PodSandbox> pods = new HashMap<>();
    runtime.pods().forEach(pod -> pods.put(POD + pod.getId(), pod));
    List<String> differences = new ArrayList<>();
    Set<String> finished = new HashSet<>();
    for (Map.Entry<String, String> fact : new TreeMap<>(facts).entrySet()) {
      Container container = containers.get(fact.getKey());
      PodSandbox pod = pods.get(fact.getKey());
      if (container != null) {
        add(differences, finished, fact, container, runtime.container(container.getId()));
      } else if (pod == null) {
        differences.add(fact.getKey() + " is gone");
      } else if (pod.getState() != PodSandboxState.SANDBOX_READY) {
        if (!finished.contains(pod.getId())) {
          differences.add(fact.getKey() + " is not ready any more");
        }
      } else {
        compare(differences, fact, pod(runtime, pod));
      }
    }
    return differences;
  }

  private static void add(
      List<String> differences,
      Set<String> finished,
      Map.Entry<String, String> fact,
      Container container,
      ContainerStatus status) {
    if (container.getState() == ContainerState.CONTAINER_RUNNING) {
      compare(differences, fact, container(container, status));
    } else if (status.getExitCode() == 0) {
      finished.add(container.getPodSandboxId());
    } else {
      differences.add(fact.getKey() + " ended with " + status.getExitCode());
    }
  }

  private static void compare(
      List<String> differences, Map.Entry<String, String> fact, String now) {
    if (!fact.getValue().equals(now)) {
      differences.add(fact.getKey() + " was: " + fact.getValue() + "; is: " + now);
    }
  }
}
