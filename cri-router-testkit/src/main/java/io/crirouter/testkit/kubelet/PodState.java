package io.crirouter.testkit.kubelet;

import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The state of a pod in the cache of a kubelet.
 *
 * @param at when it was requested, on the scheduler's clock
 * @param sandboxes newest first
 * @param containers newest first
 */
record PodState(Duration at, List<PodSandboxStatus> sandboxes, List<ContainerStatus> containers) {
  static final PodState EMPTY = new PodState(Duration.ofSeconds(-1), List.of(), List.of());

  PodState {
    sandboxes =
        sandboxes.stream()
            .sorted(Comparator.comparingLong(PodSandboxStatus::getCreatedAt).reversed())
            .toList();
    containers =
        containers.stream()
            .sorted(Comparator.comparingLong(ContainerStatus::getCreatedAt).reversed())
            .toList();
  }

  boolean isEmpty() {
    return sandboxes.isEmpty() && containers.isEmpty();
  }

  List<PodSandboxStatus> ready() {
    return sandboxes.stream()
        .filter(sandbox -> sandbox.getState() == PodSandboxState.SANDBOX_READY)
        .toList();
  }

  /** The latest container of this name. */
  Optional<ContainerStatus> container(String name) {
    return containers.stream()
        .filter(container -> container.getMetadata().getName().equals(name))
        .findFirst();
  }

  int nextAttempt() {
    return sandboxes.stream()
        .mapToInt(sandbox -> sandbox.getMetadata().getAttempt() + 1)
        .max()
        .orElse(0);
  }
}
