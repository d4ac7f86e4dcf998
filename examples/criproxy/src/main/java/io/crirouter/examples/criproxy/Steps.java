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

/** Makes calls of the demo and checks that each arrived where it should, under the right id. */
final class Steps {
  private final DemoNode node;
  private final Ledger ledger;
  private final List<String> complaints = new ArrayList<>();

  Steps(DemoNode node, Ledger ledger) {
    this.node = node;
    this.ledger = ledger;
  }

  /** Makes a call that must succeed, and arrive at {@code owners} and nowhere else. */
  <T> T call(
      String rpc,
      String about,
      List<String> owners,
      Supplier<T> call,
      Function<? super T, String> tell) {
    node.runtimes().values().forEach(runtime -> runtime.journal().clear());
    T answer = call.get();
    conclude(rpc, about, owners, tell.apply(answer));
    return answer;
  }

  /** Makes a call that the runtime must answer with {@code code}. */
  void fail(String rpc, String about, List<String> owners, Supplier<?> call, Status.Code code) {
    node.runtimes().values().forEach(runtime -> runtime.journal().clear());
    String told;
    try {
      told = "answered " + call.get();
    } catch (StatusRuntimeException e) {
      told = e.getStatus().getCode().name();
    }
    conclude(rpc, about, owners, require(told, code.name()));
  }

  /** What was told, which must be what was expected. */
  <V> String require(V told, V expected) {
    if (!told.equals(expected)) {
      complaints.add("expected " + expected);
    }
    return told instanceof List<?> list
        ? String.join(" ", list.stream().map(String::valueOf).toList())
        : String.valueOf(told);
  }

  private void conclude(String rpc, String about, List<String> owners, String told) {
    List<String> arrivedAt = new ArrayList<>();
    Set<String> idsThere = new LinkedHashSet<>();
    node.runtimes()
        .forEach(
            (name, runtime) ->
                runtime.journal().callsOf(rpc).stream()
                    .filter(Steps::isTheKubelets)
                    .findFirst()
                    .ifPresent(
                        call -> {
                          String id = call.subject();
                          arrivedAt.add(name);
                          idsThere.add(id);
                          checkId(name, about, id);
                        }));
    if (!arrivedAt.equals(owners)) {
      complaints.add(rpc + " should have gone to " + owners + ", but went to " + arrivedAt);
    }
    ledger.call(rpc, about, arrivedAt, String.join(", ", idsThere), told);
    complaints.forEach(ledger::wrong);
    complaints.clear();
  }

  /** The router asks runtimes for itself too; only the kubelet's calls are part of its trace. */
  private static boolean isTheKubelets(RecordedCall call) {
    return call.metadata().entries().stream()
        .anyMatch(header -> header.key().equals(DemoNode.TRACE_HEADER));
  }

  /** A runtime must see the id that it gave: the one that the client names, without the prefix. */
  private void checkId(String runtime, String about, String id) {
    boolean isId = about.matches("(virt__)?[0-9a-f]{64}");
    if (isId && !about.replace("virt__", "").equals(id)) {
      complaints.add(runtime + " was asked about " + id + " instead of " + about);
    }
  }
}
