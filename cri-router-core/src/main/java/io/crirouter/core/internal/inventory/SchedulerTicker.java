package io.crirouter.core.internal.inventory;

import com.google.common.base.Ticker;
import io.crirouter.core.Scheduler;

/** The router's clock, for caches. */
final class SchedulerTicker extends Ticker {
  private final Scheduler scheduler;

  SchedulerTicker(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  @Override
  public long read() {
    return scheduler.nanoTime();
  }
}
