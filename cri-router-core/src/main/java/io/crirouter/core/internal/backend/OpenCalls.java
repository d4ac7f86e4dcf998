package io.crirouter.core.internal.backend;

import com.google.common.collect.Sets;
import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * The calls to one secondary that are under way. When it is lost because it hangs, they would not
 * end by themselves. Calls whose response is merged and removals of images are cancelled at once,
 * all others after a while. Thread-safe.
 */
final class OpenCalls {
  private final Health health;
  private final Scheduler scheduler;
  private final Duration afterLoss;
  private final Set<TranslatedCall> open = Sets.newIdentityHashSet();

  OpenCalls(Health health, BackendContext context) {
    this.health = health;
    this.scheduler = context.scheduler();
    this.afterLoss = context.timeouts().afterLoss();
    health.onChange(
        condition -> {
          if (!condition.isReady()) {
            lost();
          }
        });
  }

  /** A call begins. */
  void add(TranslatedCall call) {
    synchronized (this) {
      open.add(call);
    }
    if (!health.isReady()) {
      lost();
    }
  }

  /** A call has ended. */
  synchronized void remove(TranslatedCall call) {
    open.remove(call);
  }

  private void lost() {
    Set<TranslatedCall> underWay = underWay();
    underWay.stream().filter(TranslatedCall::endsWithLoss).forEach(TranslatedCall::giveUp);
    if (!underWay.isEmpty()) {
      Instant since = health.condition().since();
      Cancellable unused = scheduler.schedule(afterLoss, () -> giveUp(underWay, since));
    }
  }

  /** Nothing is given up if the backend was ready again: another loss has a timer of its own. */
  private void giveUp(Set<TranslatedCall> calls, Instant since) {
    Condition now = health.condition();
    if (!now.isReady() && now.since().equals(since)) {
      calls.stream().filter(underWay()::contains).forEach(TranslatedCall::giveUp);
    }
  }

  private synchronized Set<TranslatedCall> underWay() {
    return Set.copyOf(open);
  }
}
