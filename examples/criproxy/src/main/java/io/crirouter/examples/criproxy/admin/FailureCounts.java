package io.crirouter.examples.criproxy.admin;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallPart;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.examples.criproxy.admin.StatusReport.Failure;
import io.crirouter.examples.criproxy.logging.CleanText;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The number of failed calls at each runtime, and the last one. Thread-safe. */
final class FailureCounts {
  private static final int MAX_MESSAGE_BYTES = 512;

  /** A bound for nodes where runtimes are renamed again and again. */
  private static final int MAX_RUNTIMES = 100;

  private final Map<BackendName, Failures> failures = new ConcurrentHashMap<>();

  /**
   * The failures at one runtime.
   *
   * @param count the number of failed calls
   * @param last the last failed call
   */
  record Failures(long count, Failure last) {}

  /** Counts a call that has ended, if it failed. */
  void record(CallRecord call) {
    if (call.status().isOk()) {
      return;
    }
    for (CallPart part : call.parts()) {
      if (!part.status().isOk() && hasRoom(part.backend())) {
        Failure last = failure(call, part);
        failures.merge(
            part.backend(),
            new Failures(1, last),
            (former, first) -> new Failures(former.count() + 1, last));
      }
    }
  }

  private boolean hasRoom(BackendName name) {
    return failures.containsKey(name) || failures.size() < MAX_RUNTIMES;
  }

  private static Failure failure(CallRecord call, CallPart part) {
    return new Failure(
        Times.text(call.startedAt().plus(call.latency())),
        call.method().name(),
        call.route().map(CallRoute::subject).orElse(""),
        part.status().code().name(),
        CleanText.of(part.status().message(), MAX_MESSAGE_BYTES));
  }

  /** The failures at a runtime; null if there were none. */
  @Nullable Failures of(BackendName name) {
    return failures.get(name);
  }
}
