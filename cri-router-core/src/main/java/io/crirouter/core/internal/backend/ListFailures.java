package io.crirouter.core.internal.backend;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.call.ClippedText;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The failures of a ready secondary to answer lists, by rpc. Each is logged when it begins and when
 * it ends. Thread-safe.
 */
public final class ListFailures {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Backend backend;
  private final Map<String, String> causes = new ConcurrentSkipListMap<>();

  ListFailures(Backend backend) {
    this.backend = backend;
  }

  /** The backend did not answer a list. */
  public void failed(String rpc, RpcStatus status) {
    String cause = ClippedText.of(rpc + ": " + status);
    if (causes.put(rpc, cause) == null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "runtime {0} does not answer a list, its last known state is used: {1}",
          backend,
          cause);
    }
  }

  /** The backend answered a list. */
  public void answered(String rpc) {
    if (!causes.isEmpty() && causes.remove(rpc) != null) {
      LOG.log(System.Logger.Level.INFO, "runtime {0} answers {1} again", backend, rpc);
    }
  }

  /** The failures, for messages; empty if there are none. */
  public String summary() {
    return String.join("; ", causes.values());
  }
}
