package io.crirouter.examples.criproxy;

import io.crirouter.testkit.RecordedCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes the calls of the demo and checks which runtimes received each, and with which id. */
final class DemoCalls {
  private final DemoNode node;
  private final DemoReport report;
  private final List<String> mismatches = new ArrayList<>();

  DemoCalls(DemoNode node, DemoReport report) {
    this.node = node;
    this.report = report;
  }

  /**
   * Makes a call that must succeed, and be received by {@code owners} and no other runtime.
   *
   * @param describe the answer in words, for the report
   */
  <T> T call(
      String rpc,
      String subject,
      List<String> owners,
      Supplier<T> call,
      Function<? super T, String> describe) {
    node.runtimes().values().forEach(runtime -> runtime.journal().clear());
    T answer = call.get();
    conclude(rpc, subject, owners, describe.apply(answer));
    return answer;
  }

  /** Makes a call that the runtime must answer with {@code code}. */
  void fail(String rpc, String subject, List<String> owners, Supplier<?> call, Status.Code code) {
    node.runtimes().values().forEach(runtime -> runtime.journal().clear());
    String outcome;
    try {
      outcome = "answered " + call.get();
    } catch (StatusRuntimeException e) {
      outcome = e.getStatus().getCode().name();
    }
    conclude(rpc, subject, owners, require(outcome, code.name()));
  }

  /** Checks a value of an answer, and returns it as text. */
  <V> String require(V actual, V expected) {
    if (!actual.equals(expected)) {
      mismatches.add("expected " + expected);
    }
    return actual instanceof List<?> list
        ? String.join(" ", list.stream().map(String::valueOf).toList())
        : String.valueOf(actual);
  }

  private void conclude(String rpc, String subject, List<String> owners, String answer) {
    List<String> receivers = new ArrayList<>();
    Set<String> runtimeIds = new LinkedHashSet<>();
    node.runtimes()
        .forEach(
            (name, runtime) ->
                runtime.journal().callsOf(rpc).stream()
                    .filter(DemoCalls::isFromKubelet)
                    .findFirst()
                    .ifPresent(
                        call -> {
                          String id = call.subject();
                          receivers.add(name);
                          runtimeIds.add(id);
                          checkId(name, subject, id);
                        }));
    if (!receivers.equals(owners)) {
      mismatches.add(rpc + " should have gone to " + owners + ", but went to " + receivers);
    }
    report.call(rpc, subject, receivers, String.join(", ", runtimeIds), answer);
    mismatches.forEach(report::mismatch);
    mismatches.clear();
  }

  /** The router calls runtimes itself too. Only the kubelet's calls are part of its trace. */
  private static boolean isFromKubelet(RecordedCall call) {
    return call.metadata().entries().stream()
        .anyMatch(header -> header.key().equals(DemoNode.TRACE_HEADER));
  }

  /** A runtime must receive the id that it assigned: the client's id without the prefix. */
  private void checkId(String runtime, String subject, String id) {
    boolean isId = subject.matches("(virt__)?[0-9a-f]{64}");
    if (isId && !subject.replace("virt__", "").equals(id)) {
      mismatches.add(runtime + " received " + id + " instead of " + subject);
    }
  }
}
