package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Pods choose their runtime by the value of an annotation. Made by {@link
 * RoutingPolicy#annotation(String, Map)}. A pod without the annotation is not decided; a pod with a
 * value that is not in the table is refused, unless another rule is chosen here. Immutable.
 */
public final class AnnotationPolicy implements RoutingPolicy {
  private final String key;
  private final Map<String, BackendName> targets;
  private final boolean refusesOthers;
  private final @Nullable BackendName othersTarget;

  private AnnotationPolicy(
      String key,
      Map<String, BackendName> targets,
      boolean refusesOthers,
      @Nullable BackendName othersTarget) {
    this.key = key;
    this.targets = targets;
    this.refusesOthers = refusesOthers;
    this.othersTarget = othersTarget;
  }

  static AnnotationPolicy refusingOthers(String key, Map<String, BackendName> targets) {
    return new AnnotationPolicy(requireNonNull(key, "key"), Map.copyOf(targets), true, null);
  }

  /** The same, but a pod with a value that is not in the table goes to {@code backend}. */
  public AnnotationPolicy withOtherValuesTo(BackendName backend) {
    return new AnnotationPolicy(key, targets, false, requireNonNull(backend, "backend"));
  }

  /**
   * The same, but a value that is not in the table is like no annotation: the next policy decides,
   * in the end the primary gets the pod.
   */
  public AnnotationPolicy withOtherValuesIgnored() {
    return new AnnotationPolicy(key, targets, false, null);
  }

  @Override
  public Optional<BackendName> forPod(PodView pod) {
    return target(pod.annotations());
  }

  @Override
  public Optional<BackendName> forImage(ImageView image) {
    return target(image.annotations());
  }

  private Optional<BackendName> target(Map<String, String> annotations) {
    String value = annotations.get(key);
    if (value == null) {
      return Optional.empty();
    }
    BackendName target = targets.getOrDefault(value, othersTarget);
    if (target == null && refusesOthers) {
      throw new IllegalArgumentException(
          String.format(
              "annotation %s has the unknown value '%s'; known: %s",
              key, value, String.join(", ", new TreeMap<>(targets).keySet())));
    }
    return Optional.ofNullable(target);
  }

  @Override
  public Set<BackendName> backends() {
    Set<BackendName> backends = new HashSet<>(targets.values());
    if (othersTarget != null) {
      backends.add(othersTarget);
    }
    return backends;
  }

  @Override
  public String toString() {
    String others =
        refusesOthers ? "refused" : othersTarget == null ? "ignored" : "to " + othersTarget;
    return "annotation(" + key + ", " + new TreeMap<>(targets) + ", others " + others + ")";
  }
}
