package io.crirouter.examples.criproxy.logging;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallPart;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.PodView;
import io.crirouter.core.RpcStatus.Code;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Logs calls for operators: a line for each pod that starts, one for each call that fails, and at
 * debug level the routing decision of each call. The format of a line contains rpc, runtime and
 * status code, so that {@link RepeatLimit} counts each kind of failure separately.
 */
public final class CallLog {
  private static final System.Logger PODS = System.getLogger(RepeatLimit.PODS);
  private static final System.Logger CALLS = System.getLogger("io.crirouter.criproxy.calls");

  private CallLog() {}

  /** Logs a call that has ended. */
  public static void log(CallRecord call) {
    Optional<PodView> pod = call.route().flatMap(CallRoute::pod);
    if (!call.status().isOk()) {
      logFailure(call);
    } else if (pod.isPresent()) {
      logPod(pod.get(), call);
    } else if (CALLS.isLoggable(Level.DEBUG)) {
      logDecision(call);
    }
  }

  private static void logPod(PodView pod, CallRecord call) {
    PODS.log(
        Level.INFO,
        "pod {0} started at runtime {1}: {2}",
        new LogField("pod", pod.namespace() + "/" + pod.name()),
        new LogField("runtime", call.route().map(CallLog::runtimes).orElse("")),
        new LogField("why", call.route().map(CallLog::why).orElse("")),
        new LogField("rpc", call.method().name()),
        new LogField("millis", call.latency().toMillis()));
  }

  private static String why(CallRoute route) {
    return switch (route.rule()) {
      case POLICY -> "policy " + route.policy().map(Object::toString).orElse("");
      case DEFAULT -> "no policy decides";
      case PLACED_BEFORE -> "it has a sandbox there";
      default -> word(route.rule());
    };
  }

  private static String word(Rule rule) {
    return rule.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static void logFailure(CallRecord call) {
    Level level = level(call.status().code());
    if (!CALLS.isLoggable(level)) {
      return;
    }
    String rpc = call.method().name();
    String code = call.status().code().name();
    String at = failedAt(call);
    String subject = call.route().map(CallRoute::subject).orElse("");
    CALLS.log(
        level,
        rpc + (at.isEmpty() ? " refused, " : " failed at " + at + ", ") + code + ": {0}{1}",
        new LogField("error", call.status().message()),
        subject.isEmpty() ? "" : " (" + subject + ")",
        new LogField("subject", subject),
        new LogField("rpc", rpc),
        new LogField("runtime", at),
        new LogField("code", code),
        new LogField("millis", call.latency().toMillis()));
  }

  /** The runtimes that failed; empty if the router refused the call. */
  private static String failedAt(CallRecord call) {
    return call.parts().stream()
        .filter(part -> !part.status().isOk())
        .map(CallPart::backend)
        .distinct()
        .map(BackendName::value)
        .collect(Collectors.joining(", "));
  }

  /** Lower levels for statuses that kubelets cause in normal operation. */
  private static Level level(Code code) {
    return switch (code) {
      case CANCELLED -> Level.DEBUG;
      case NOT_FOUND, UNIMPLEMENTED -> Level.INFO;
      default -> Level.WARNING;
    };
  }

  private static void logDecision(CallRecord call) {
    CALLS.log(
        Level.DEBUG,
        call.method().name() + " to {0}: {1}, {2} ms{3}",
        new LogField("runtime", call.route().map(CallLog::runtimes).orElse("no runtime")),
        new LogField("why", call.route().map(CallLog::why).orElse("")),
        new LogField("millis", call.latency().toMillis()),
        call.route()
            .map(CallRoute::subject)
            .filter(subject -> !subject.isEmpty())
            .map(subject -> " (" + subject + ")")
            .orElse(""),
        new LogField("rpc", call.method().name()));
  }

  private static String runtimes(CallRoute route) {
    List<BackendName> backends = route.backends();
    return backends.stream().map(BackendName::value).collect(Collectors.joining(", "));
  }
}
