package io.crirouter.examples.criproxy.metrics;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallObservation;
import io.crirouter.core.CallObserver;
import io.crirouter.core.CallPart;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the calls of clients, and the part of each runtime in them. Data points are created at the
 * first call of each kind; later calls allocate only 40 bytes in each histogram. Labels are the
 * rpcs of CRI, the configured runtimes and the codes of gRPC, so that their number is bounded.
 * Thread-safe.
 */
final class CallMetrics implements CallObserver {
  final Counter calls;
  final Histogram seconds;
  final Counter requestBytes;
  final Counter responseBytes;
  final Counter backendCalls;
  final Histogram backendSeconds;
  final Counter unsent;
  final Counter missedBudgets;
  final Counter lastKnown;
  private final Counter placed;

  private final Map<CriMethod, RpcMetrics> rpcs = new HashMap<>();
  private final Map<BackendName, Map<CriMethod, PartMetrics>> backends = new ConcurrentHashMap<>();

  CallMetrics(Families families) {
    calls =
        families.counter(
            "criproxy_calls_total",
            "Completed calls of clients, by the code that the client got.",
            "rpc",
            "code");
    families.callbackGauge(
        "criproxy_calls_in_flight",
        "Calls of clients in flight, including event streams.",
        values -> rpcs.values().forEach(rpc -> rpc.reportInFlight(values)),
        "rpc");
    seconds =
        families.seconds(
            "criproxy_call_duration_seconds",
            "Duration of calls of clients, without event streams.",
            "rpc");
    requestBytes =
        families.counter(
            "criproxy_request_bytes_total", "Bytes of the requests of clients.", "rpc");
    responseBytes =
        families.counter(
            "criproxy_response_bytes_total", "Bytes of the responses to clients.", "rpc");
    placed =
        families.counter(
            "criproxy_pods_placed_total",
            "Pod sandboxes created, by runtime and by the rule that selected it.",
            "backend",
            "rule");
    backendCalls =
        families.counter(
            "criproxy_backend_calls_total",
            "Calls sent to a runtime for a client, by the code that it answered.",
            "backend",
            "rpc",
            "code");
    backendSeconds =
        families.seconds(
            "criproxy_backend_call_duration_seconds",
            "Duration of these calls, or of the router's wait if that ended first.",
            "backend",
            "rpc");
    unsent =
        families.counter(
            "criproxy_backend_calls_unsent_total",
            "Calls not sent to a runtime, because it was not ready or was slow.",
            "backend",
            "rpc");
    missedBudgets =
        families.counter(
            "criproxy_backend_budgets_missed_total",
            "Merged responses that a runtime was too slow for.",
            "backend",
            "rpc");
    lastKnown =
        families.counter(
            "criproxy_backend_last_known_served_total",
            "Lists with the last known state of a runtime in place of its response.",
            "backend",
            "rpc");
    CriMethod.all().forEach(method -> rpcs.put(method, new RpcMetrics(method, this)));
  }

  @Override
  public CallObservation started(CriRequest request) {
    RpcMetrics rpc = rpcs.get(request.method());
    if (rpc == null) {
      return CallObservation.NONE;
    }
    rpc.started();
    return rpc;
  }

  void ended(CallRecord call) {
    List<CallPart> parts = call.parts();
    for (int i = 0; i < parts.size(); i++) {
      CallPart part = parts.get(i);
      part(part.backend(), part.method()).ended(part);
    }
    if (call.route().isPresent() && call.status().isOk()) {
      countPlacement(call.route().get());
    }
  }

  private PartMetrics part(BackendName backend, CriMethod method) {
    Map<CriMethod, PartMetrics> ofBackend = backends.get(backend);
    if (ofBackend == null) {
      ofBackend = backends.computeIfAbsent(backend, name -> new ConcurrentHashMap<>());
    }
    PartMetrics part = ofBackend.get(method);
    return part != null
        ? part
        : ofBackend.computeIfAbsent(method, rpc -> new PartMetrics(backend, rpc, this));
  }

  private void countPlacement(CallRoute route) {
    if (route.pod().isPresent()) {
      String rule = route.rule().name().toLowerCase(Locale.ROOT);
      route.backends().forEach(name -> placed.labelValues(name.value(), rule).inc());
    }
  }

  @Override
  public String toString() {
    return "metrics of calls";
  }
}
