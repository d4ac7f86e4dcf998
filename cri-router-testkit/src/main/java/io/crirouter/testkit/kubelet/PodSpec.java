package io.crirouter.testkit.kubelet;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A pod for a {@link KubeletSimulator}. Immutable. */
public final class PodSpec {
  /** What happens when a container ends. */
  public enum RestartPolicy {
    /** It is restarted. */
    ALWAYS,
    /** It is restarted if it has failed. */
    ON_FAILURE,
    /** It is not restarted. The pod has succeeded or failed when all containers have ended. */
    NEVER
  }

  /**
   * One container.
   *
   * @param name unique in the pod
   * @param image as written in the pod
   * @param livenessProbe a command that is executed every ten seconds; empty for none
   */
  record ContainerSpec(String name, String image, List<String> livenessProbe) {
    ContainerSpec {
      livenessProbe = List.copyOf(livenessProbe);
    }
  }

  private final String name;
  private final RestartPolicy restartPolicy;
  private final String runtimeHandler;
  private final Map<String, String> annotations;
  private final List<ContainerSpec> containers;

  private PodSpec(Builder from) {
    name = from.name;
    restartPolicy = from.restartPolicy;
    runtimeHandler = from.runtimeHandler;
    annotations = Map.copyOf(from.annotations);
    containers = List.copyOf(from.containers);
  }

  /** A builder of the pod {@code default/NAME}. */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /** The pod's name. */
  public String name() {
    return name;
  }

  RestartPolicy restartPolicy() {
    return restartPolicy;
  }

  String runtimeHandler() {
    return runtimeHandler;
  }

  Map<String, String> annotations() {
    return annotations;
  }

  List<ContainerSpec> containers() {
    return containers;
  }

  @Override
  public String toString() {
    return "pod default/" + name;
  }

  /** Configures a {@link PodSpec}. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private final Map<String, String> annotations = new HashMap<>();
    private final List<ContainerSpec> containers = new ArrayList<>();
    private RestartPolicy restartPolicy = RestartPolicy.ALWAYS;
    private String runtimeHandler = "";

    private Builder(String name) {
      this.name = requireNonNull(name, "name");
    }

    /** Adds a container of {@code image}. */
    @CanIgnoreReturnValue
    public Builder container(String containerName, String image) {
      return container(containerName, image, List.of());
    }

    /**
     * Adds a container of {@code image} with a liveness probe.
     *
     * @param livenessProbe the command; its timeout is one second
     */
    @CanIgnoreReturnValue
    public Builder container(String containerName, String image, List<String> livenessProbe) {
      containers.add(
          new ContainerSpec(
              requireNonNull(containerName, "containerName"),
              requireNonNull(image, "image"),
              livenessProbe));
      return this;
    }

    /** Adds an annotation, for example {@code kubernetes.io/target-runtime}. */
    @CanIgnoreReturnValue
    public Builder annotation(String key, String value) {
      annotations.put(requireNonNull(key, "key"), requireNonNull(value, "value"));
      return this;
    }

    /** What happens when containers end; {@link RestartPolicy#ALWAYS} by default. */
    @CanIgnoreReturnValue
    public Builder restartPolicy(RestartPolicy policy) {
      restartPolicy = requireNonNull(policy, "policy");
      return this;
    }

    /** The runtime handler of the pod's RuntimeClass; none by default. */
    @CanIgnoreReturnValue
    public Builder runtimeHandler(String handler) {
      runtimeHandler = requireNonNull(handler, "handler");
      return this;
    }

    /**
     * Builds the pod.
     *
     * @throws IllegalStateException if it has no containers
     */
    public PodSpec build() {
      if (containers.isEmpty()) {
        throw new IllegalStateException("pod " + name + " needs a container");
      }
      return new PodSpec(this);
    }
  }
}
