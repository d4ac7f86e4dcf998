package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which backend gets a new pod, or an image call. Empty means no decision: the next policy
 * decides, in the end the primary gets it. The policies here can be combined with {@link #firstOf};
 * implement this interface for one of your own.
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
 * backend. A pod that has a sandbox stays where that is, whatever the policy says later. A policy
 * is called on event loops, from many threads at once: it must not block.
 *
 * <p>It may name any backend; for a name that is not configured the call is refused with
 * FAILED_PRECONDITION. To refuse a pod for a reason of its own, it throws an {@link
 * IllegalArgumentException} with that reason: the status is FAILED_PRECONDITION too. Any other
 * exception, or null, is a failure of the policy: INTERNAL, with its {@code toString} in the
 * message and the stack trace in the log.
 */
@FunctionalInterface
public interface RoutingPolicy {
  /** The annotation by which pods choose their runtime, unless another key is configured. */
  String TARGET_RUNTIME_ANNOTATION = "kubernetes.io/target-runtime";

  /** The backend for a new pod, or empty; see {@link PodView} for what is known of it. */
  Optional<BackendName> forPod(PodView pod);

  /**
   * The backend for an image call, or empty. It is asked about the calls of pods that have no
   * sandbox yet, and about calls without a pod ({@link ImageView#isForPod}). If it does not decide,
   * {@link #forPod} is asked with what the call tells of the pod: annotations and runtime handler.
   */
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

  /**
   * The backends that this policy can name, as far as they are known before it sees a pod. By
   * default none.
   *
   * <p>The router refuses to be built with a policy that names a backend which it does not have,
   * unless that is {@linkplain CriRouter.Builder#expect expected}. When one of them is removed, a
   * warning is logged: new pods for it are refused from then on.
   */
  default Set<BackendName> backends() {
    return Set.of();
  }

  /**
   * The policies of which the first decision counts, in their order; for a policy that is not
   * composed of others this one alone. The router asks these, so that it can tell which of them
   * decided. Must always be the same.
   */
  default List<RoutingPolicy> steps() {
    return List.of(this);
  }

  /** This policy, called {@code name} in messages, routes and explanations. */
  default RoutingPolicy named(String name) {
    return new NamedPolicy(requireNonNull(name, "name"), this);
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
    return new TargetAnnotationPolicy(requireNonNull(key, "key"));
  }

  /**
   * Pods annotated {@code key: VALUE} go to the backend given for the value. A pod with another
   * value is refused, naming the known ones; {@link AnnotationPolicy} has other ways.
   */
  static AnnotationPolicy annotation(String key, Map<String, BackendName> backends) {
    return AnnotationPolicy.refusingOthers(key, backends);
  }

  /**
   * Pods with a runtime handler (a RuntimeClass) go to the backend given for it. The handler's name
   * at that runtime can be another one: {@link BackendOptions#withRuntimeHandler}.
   */
  static RoutingPolicy runtimeHandler(Map<String, BackendName> backends) {
    return new RuntimeHandlerPolicy(Map.copyOf(backends));
  }

  /**
   * Image calls without a pod go to the backend given for what the image's name begins with; the
   * longest beginning counts. For where images are shared by name ({@link ImageStrategy#shared}):
   * it says which runtime pulls an image for {@code crictl pull}.
   */
  static RoutingPolicy imagePrefix(Map<String, BackendName> backends) {
    return new ImagePrefixPolicy(Map.copyOf(backends));
  }

  /** Pods of these namespaces go to the backend given for each. */
  static RoutingPolicy namespace(Map<String, BackendName> backends) {
    Map<String, BackendName> copy = Map.copyOf(backends);
    return new PodPolicy(
        "namespace(" + copy + ")", pod -> copy.get(pod.namespace()), Set.copyOf(copy.values()));
  }

  /** Pods labelled {@code key: VALUE} go to the backend given for the value. */
  static RoutingPolicy label(String key, Map<String, BackendName> backends) {
    requireNonNull(key, "key");
    Map<String, BackendName> copy = Map.copyOf(backends);
    return new PodPolicy(
        "label(" + key + ", " + copy + ")",
        pod -> {
          String value = pod.labels().get(key);
          return value == null ? null : copy.get(value);
        },
        Set.copyOf(copy.values()));
  }

  /**
   * Pods that use the node's network, process ids or IPC, or are privileged, go to {@code backend}:
   * a VM cannot offer that.
   */
  static RoutingPolicy hostAccess(BackendName backend) {
    requireNonNull(backend, "backend");
    return new PodPolicy(
        "hostAccess(" + backend + ")",
        pod ->
            pod.hostNetwork() || pod.hostPid() || pod.hostIpc() || pod.privileged()
                ? backend
                : null,
        Set.of(backend));
  }

  /**
   * Pods are spread over backends by weight: of the pods to come, each backend gets about its
   * weight's share of the sum. The pod's uid decides, the same way after each restart. A change of
   * one weight moves only new pods from or to that backend.
   *
   * <p>A backend of weight 0 is drained: it gets no new pods, and keeps those that it has.
   *
   * @throws IllegalArgumentException if a weight is negative, or none is above 0
   */
  static RoutingPolicy weighted(Map<BackendName, Integer> weights) {
    return WeightedPolicy.of(weights);
  }

  /** Everything that no policy before this one has decided goes to {@code backend}. */
  static RoutingPolicy always(BackendName backend) {
    requireNonNull(backend, "backend");
    return new PodPolicy("always(" + backend + ")", pod -> backend, Set.of(backend));
  }

  /** The decision of the first of {@code policies} that has one; these are its {@link #steps}. */
  static RoutingPolicy firstOf(RoutingPolicy... policies) {
    return new FirstOfPolicy(List.of(policies));
  }
}
