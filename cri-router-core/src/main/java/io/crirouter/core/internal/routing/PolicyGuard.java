package io.crirouter.core.internal.routing;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageView;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.call.ClippedText;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Calls the embedder's policy, which is foreign code. An exception or a null from it becomes a
 * status that names the policy. Thread-safe.
 */
public final class PolicyGuard {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final RoutingPolicy policy;
  private final Backends backends;

  /** Guards {@code policy}. */
  public PolicyGuard(RoutingPolicy policy, Backends backends) {
    this.policy = policy;
    this.backends = backends;
    backends.observe(
        new Backends.Observer() {
          @Override
          public void joined(Backend backend) {}

          @Override
          public void left(Backend backend) {
            warnIfNamed(backend);
          }
        });
  }

  private void warnIfNamed(Backend backend) {
    boolean isNamed = names(() -> policy.backends(), "backends").contains(backend.name());
    if (isNamed && backends.find(backend.name()) == null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "routing policy {0} names runtime {1}, which was removed: its new pods are refused",
          policy,
          backend.name());
    }
  }

  /**
   * The policy's decision about a pod.
   *
   * @param subject what the decision is about, for the error message
   */
  Optional<BackendName> forPod(PodView pod, Object subject) throws RpcException {
    return ask(() -> policy.forPod(pod), subject);
  }

  /** The policy's decision about an image. */
  Optional<BackendName> forImage(ImageView image) throws RpcException {
    return ask(() -> policy.forImage(image), image);
  }

  /** The backend of pods with this runtime handler; empty if the policy names no valid one. */
  public Optional<BackendName> forRuntimeHandler(String handler) {
    PodView pod = PodView.builder().runtimeHandler(handler).build();
    try {
      return forPod(pod, pod);
    } catch (RpcException e) {
      return Optional.empty();
    }
  }

  /** The runtime handlers for which the policy names a backend. */
  public Set<String> runtimeHandlers() {
    return names(() -> policy.runtimeHandlers(), "runtime handlers");
  }

  private <T> Set<T> names(Supplier<Set<T>> question, String what) {
    try {
      return requireNonNull(question.get(), "it answered null");
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.ERROR, "routing policy " + policy + " failed to name its " + what, e);
      return Set.of();
    }
  }

  private Optional<BackendName> ask(Supplier<Optional<BackendName>> question, Object subject)
      throws RpcException {
    try {
      return requireNonNull(question.get(), "it answered null");
    } catch (IllegalArgumentException e) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          String.format(
              "%s: %s; configured: %s",
              ClippedText.of(subject), ClippedText.of(e.getMessage()), backends.names()));
    } catch (RuntimeException e) {
      String failed = "routing policy " + policy + " failed for " + ClippedText.of(subject);
      LOG.log(System.Logger.Level.ERROR, failed, e);
      throw new RpcException(Code.INTERNAL, failed + ": " + ClippedText.of(e));
    }
  }
}
