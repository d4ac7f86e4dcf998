package io.crirouter.core.internal.backend;

import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.schema.Schema;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The rpcs of a ready secondary that merged calls did without, because it failed, answered too much
 * or missed its budget. After three times in a row merged calls of that rpc no longer wait for it,
 * and it is queried in the background until it has answered. Responses to other rpcs do not count.
 * Failures of lists are logged when they begin and when they end. Thread-safe.
 */
public final class FailingRpcs {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final int MAX_IN_A_ROW = 3;

  private final Backend backend;
  private final Map<CriMethod, Failures> failing = new ConcurrentHashMap<>();

  /** Failures in a row, and why the last of them. */
  private record Failures(int inARow, String cause) {}

  FailingRpcs(Backend backend) {
    this.backend = backend;
  }

  /** Whether calls of this rpc should wait for the backend. */
  public boolean mayWait(CriMethod rpc) {
    Failures failures = failing.get(rpc);
    return failures == null || failures.inARow < MAX_IN_A_ROW;
  }

  /** A merged call did without the backend. */
  public void failed(CriMethod rpc, RpcStatus status) {
    String cause = ClippedText.of(rpc.name() + ": " + status);
    Failures now =
        failing.merge(
            rpc, new Failures(1, cause), (before, first) -> new Failures(before.inARow + 1, cause));
    if (now.inARow == 1 && isList(rpc)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "runtime {0} does not answer a list, its last known state is used: {1}",
          backend,
          cause);
    }
  }

  /** The backend answered this rpc. */
  public void answered(CriMethod rpc) {
    if (!failing.isEmpty() && failing.remove(rpc) != null && isList(rpc)) {
      LOG.log(System.Logger.Level.INFO, "runtime {0} answers {1} again", backend, rpc.name());
    }
  }

  /** The backend is lost, of which there are reports enough. It begins anew when it is ready. */
  void clear() {
    failing.clear();
  }

  /** The failures of lists, for messages; empty if there are none. */
  public String listFailures() {
    return failing.entrySet().stream()
        .filter(each -> isList(each.getKey()))
        .map(each -> each.getValue().cause)
        .sorted()
        .collect(Collectors.joining("; "));
  }

  private static boolean isList(CriMethod rpc) {
    return Kind.listedBy(Schema.of(rpc).effect()) != null;
  }
}
