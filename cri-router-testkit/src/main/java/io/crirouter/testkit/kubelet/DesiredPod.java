package io.crirouter.testkit.kubelet;

import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A pod of the API server. It outlives restarts of the kubelet. */
final class DesiredPod {
  private static final int EXIT_CODE_OF_LOST = 137;

  private final PodSpec spec;
  private final String uid;
  private final Instant seenAt;
  private final Set<String> running = new HashSet<>();
  private final Set<String> hasRun = new HashSet<>();
  private final Map<String, Integer> exitCodes = new HashMap<>();
  private boolean deleted;
  private boolean gone;

  DesiredPod(PodSpec spec, String uid, Instant seenAt) {
    this.spec = spec;
    this.uid = uid;
    this.seenAt = seenAt;
  }

  PodSpec spec() {
    return spec;
  }

  String uid() {
    return uid;
  }

  void delete() {
    deleted = true;
  }

  boolean isDeleted() {
    return deleted;
  }

  void gone() {
    gone = true;
  }

  boolean isGone() {
    return gone;
  }

  boolean hasRun(String container) {
    return hasRun.contains(container);
  }

  void seen(String container, ContainerStatus status) {
    running.remove(container);
    if (status.getState() == ContainerState.CONTAINER_RUNNING) {
      running.add(container);
      hasRun.add(container);
      exitCodes.remove(container);
    } else if (status.getState() == ContainerState.CONTAINER_EXITED) {
      hasRun.add(container);
      exitCodes.put(container, status.getExitCode());
    }
  }

  void lost(String container) {
    running.remove(container);
    exitCodes.put(container, EXIT_CODE_OF_LOST);
  }

  KubeletSimulator.Phase phase() {
    if (hasEnded()) {
      return exitCodes.values().stream().allMatch(code -> code == 0)
          ? KubeletSimulator.Phase.SUCCEEDED
          : KubeletSimulator.Phase.FAILED;
    }
    return running.size() == spec.containers().size()
        ? KubeletSimulator.Phase.RUNNING
        : KubeletSimulator.Phase.PENDING;
  }

  /** Whether all containers have ended and none is restarted. */
  boolean hasEnded() {
    return exitCodes.size() == spec.containers().size()
        && switch (spec.restartPolicy()) {
          case ALWAYS -> false;
          case ON_FAILURE -> exitCodes.values().stream().allMatch(code -> code == 0);
          case NEVER -> true;
        };
  }

  PodSandboxConfig sandbox(int attempt) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(spec.name())
                .setUid(uid)
                .setNamespace("default")
                .setAttempt(attempt))
        .setHostname(spec.name())
        .setLogDirectory("/var/log/pods/default_" + spec.name() + "_" + uid)
        .putLabels("io.kubernetes.pod.name", spec.name())
        .putLabels("io.kubernetes.pod.namespace", "default")
        .putLabels(PodCache.UID, uid)
        .putAnnotations("kubernetes.io/config.seen", seenAt.toString())
        .putAnnotations("kubernetes.io/config.source", "api")
        .putAllAnnotations(spec.annotations())
        .build();
  }

  @Override
  public String toString() {
    return spec + " (uid " + uid + ")";
  }
}
