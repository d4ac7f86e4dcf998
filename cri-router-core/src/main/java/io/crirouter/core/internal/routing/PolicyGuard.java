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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Calls the embedder's policy, which is foreign code. An exception or a null from it becomes a
 * status that names the policy. Thread-safe.
 */
public final class PolicyGuard {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Backends backends;
  private final Set<BackendName> expected;
  private volatile Rules rules;

  /** A policy with its steps. All of one decision is asked of the same one. */
  final class Rules {
    private final RoutingPolicy policy;
    private final List<RoutingPolicy> steps;

    Rules(RoutingPolicy policy) {
      this.policy = policy;
      this.steps = List.copyOf(policy.steps());
    }

    /** The policies, in the order in which they are asked. */
    List<RoutingPolicy> steps() {
      return steps;
    }

    /**
     * The first decision about a pod; null if there is none.
     *
     * @param subject what the decision is about, for the error message
     */
    @Nullable Choice forPod(PodView pod, Object subject) throws RpcException {
      return first(step -> step.forPod(pod), subject);
    }

    /** The first decision about an image; null if there is none. */
    @Nullable Choice forImage(ImageView image) throws RpcException {
      return first(step -> step.forImage(image), image);
    }

    private @Nullable Choice first(
        Function<RoutingPolicy, Optional<BackendName>> question, Object subject)
        throws RpcException {
      for (RoutingPolicy step : steps) {
        Optional<BackendName> answer = ask(step, question, subject);
        if (answer.isPresent()) {
          return new Choice(step, answer.get());
        }
      }
      return null;
    }
  }

  /**
   * Guards {@code policy}.
   *
   * @param expected backends that it may name before they are added
   */
  public PolicyGuard(RoutingPolicy policy, Set<BackendName> expected, Backends backends) {
    this.rules = new Rules(policy);
    this.expected = Set.copyOf(expected);
    this.backends = backends;
    backends.whenLeft(this::warnIfNamed);
  }

  /**
   * Checks that a policy names no other backends than these.
   *
   * @throws IllegalArgumentException if it does
   */
  public static void requireKnownTargets(
      RoutingPolicy policy, List<BackendName> configured, Set<BackendName> expected) {
    Set<BackendName> unknown = new TreeSet<>(policy.backends());
    unknown.removeAll(expected);
    configured.forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              "routing policy %s names runtimes that are not configured: %s; configured: %s"
                  + " (expect(name) allows one that is added later)",
              policy, unknown, configured));
    }
  }

  /**
   * Lets {@code policy} decide from now on.
   *
   * @throws IllegalArgumentException if it names a backend that is neither configured nor expected;
   *     the old one stays then
   */
  public void use(RoutingPolicy policy) {
    List<BackendName> configured =
        backends.all().stream().filter(Backend::isConfigured).map(Backend::name).toList();
    requireKnownTargets(policy, configured, expected);
    rules = new Rules(policy);
  }

  private void warnIfNamed(Backend backend) {
    RoutingPolicy policy = rules.policy;
    boolean isNamed = names(RoutingPolicy::backends, "backends").contains(backend.name());
    if (isNamed && backends.find(backend.name()) == null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "routing policy {0} names runtime {1}, which was removed: its new pods are refused",
          policy,
          backend.name());
    }
  }

  /**
   * What a policy has decided.
   *
   * @param policy the policy
   * @param backend the backend that it names, configured or not
   */
  record Choice(RoutingPolicy policy, BackendName backend) {}

  /** The policy that decides now. */
  Rules rules() {
    return rules;
  }

  /** The answer of one policy about a pod. */
  Optional<BackendName> ask(RoutingPolicy step, PodView pod, Object subject) throws RpcException {
    return ask(step, asked -> asked.forPod(pod), subject);
  }

  /** The backend of pods with this runtime handler; empty if the policy names no valid one. */
  public Optional<BackendName> forRuntimeHandler(String handler) {
    PodView pod = PodView.builder().runtimeHandler(handler).build();
    try {
      return Optional.ofNullable(rules.forPod(pod, pod)).map(Choice::backend);
    } catch (RpcException e) {
      return Optional.empty();
    }
  }

  /** The runtime handlers for which the policy names a backend. */
  public Set<String> runtimeHandlers() {
    return names(RoutingPolicy::runtimeHandlers, "runtime handlers");
  }

  private <T> Set<T> names(Function<RoutingPolicy, Set<T>> question, String what) {
    RoutingPolicy policy = rules.policy;
    try {
      return requireNonNull(question.apply(policy), "it answered null");
    } catch (RuntimeException | Error e) {
      LOG.log(
          System.Logger.Level.ERROR, "routing policy " + policy + " failed to name its " + what, e);
      return Set.of();
    }
  }

  private Optional<BackendName> ask(
      RoutingPolicy step, Function<RoutingPolicy, Optional<BackendName>> question, Object subject)
      throws RpcException {
    try {
      return requireNonNull(question.apply(step), "it answered null");
    } catch (IllegalArgumentException e) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          String.format(
              "%s: %s; configured: %s",
              ClippedText.of(subject), ClippedText.of(e.getMessage()), backends.names()));
    } catch (RuntimeException | Error e) {
      String failed = "routing policy " + step + " failed for " + ClippedText.of(subject);
      LOG.log(System.Logger.Level.ERROR, failed, e);
      throw new RpcException(Code.INTERNAL, failed + ": " + ClippedText.of(e));
    }
  }
}
