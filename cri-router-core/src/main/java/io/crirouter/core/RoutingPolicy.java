package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which backend gets a new pod, or an image call for a pod. Empty means no decision: the
 * next policy decides, in the end the primary gets it.
 *
 * <pre>{@code
 * RoutingPolicy batch =
 *     pod ->
 *         "batch".equals(pod.labels().get("tier"))
 *             ? Optional.of(BackendName.of("vm.example"))
 *             : Optional.empty();
 * RoutingPolicy policy = RoutingPolicy.firstOf(RoutingPolicy.annotation(), batch);
 * }</pre>
 *
 * <p>A policy is a pure function: the kubelet retries with the same pod, and must get the same
 * backend. It is called on event loops, from many threads at once: it must not block. It may name
 * any backend; for a name that is not configured the call is refused.
 */
@FunctionalInterface
public interface RoutingPolicy {
  /** The annotation by which pods choose their runtime, unless another key is configured. */
  String TARGET_RUNTIME_ANNOTATION = "kubernetes.io/target-runtime";

  /** The backend for a new pod, or empty. */
  Optional<BackendName> forPod(PodView pod);

  /** The backend for an image call made for a pod, or empty. */
  default Optional<BackendName> forImage(ImageView image) {
    return Optional.empty();
  }

  /**
   * The runtime handlers for which this policy names a backend. The router announces them in the
   * node's Status.
   */
  default Set<String> runtimeHandlers() {
    return Set.of();
  }

  /** Pods annotated {@value #TARGET_RUNTIME_ANNOTATION}{@code : NAME} go to NAME. */
  static RoutingPolicy annotation() {
    return annotation(TARGET_RUNTIME_ANNOTATION);
  }

  /**
   * Pods annotated {@code key: NAME} go to NAME. A value that is no valid backend name is treated
   * like an unknown one: the pod is refused rather than run elsewhere.
   */
  static RoutingPolicy annotation(String key) {
    return new AnnotationPolicy(requireNonNull(key, "key"));
  }

  /**
   * Pods with a runtime handler (a RuntimeClass) go to the backend given for it. The handler's name
   * at that runtime can be another one: {@link BackendOptions#withRuntimeHandler}.
   */
  static RoutingPolicy runtimeHandler(Map<String, BackendName> backends) {
    return new RuntimeHandlerPolicy(Map.copyOf(backends));
  }

  /** Pods of these namespaces go to the backend given for each. */
  static RoutingPolicy namespace(Map<String, BackendName> backends) {
    Map<String, BackendName> copy = Map.copyOf(backends);
    return pod -> Optional.ofNullable(copy.get(pod.namespace()));
  }

  /** Pods labelled {@code key: value} go to the backend given for the value. */
  static RoutingPolicy label(String key, Map<String, BackendName> backends) {
    requireNonNull(key, "key");
    Map<String, BackendName> copy = Map.copyOf(backends);
    return pod -> Optional.ofNullable(pod.labels().get(key)).map(copy::get);
  }

  /**
   * Pods that use the node's network, process ids or IPC, or are privileged, go to {@code backend}:
   * a VM cannot offer that.
   */
  static RoutingPolicy hostAccess(BackendName backend) {
    requireNonNull(backend, "backend");
    return pod ->
        pod.hostNetwork() || pod.hostPid() || pod.hostIpc() || pod.privileged()
            ? Optional.of(backend)
            : Optional.empty();
  }

  /** Everything that no policy before this one has decided goes to {@code backend}. */
  static RoutingPolicy always(BackendName backend) {
    requireNonNull(backend, "backend");
    return pod -> Optional.of(backend);
  }

  /** The decision of the first of {@code policies} that has one. */
  static RoutingPolicy firstOf(RoutingPolicy... policies) {
    return new FirstOfPolicy(List.of(policies));
  }
}
