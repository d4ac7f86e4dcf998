package io.crirouter.core.internal.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EventRateTest {
  private long nanos;

  private final EventRate rate =
      new EventRate(
          new Scheduler() {
            @Override
            public long nanoTime() {
              return nanos;
            }

            @Override
            public Instant now() {
              throw new AssertionError("not needed");
            }

            @Override
            public Cancellable schedule(Duration delay, Runnable task) {
              throw new AssertionError("not needed");
            }
          });

  private int readFor(Duration time, int bytes) {
    long end = nanos + time.toNanos();
    int events = 0;
    while (nanos < end) {
      Duration pause = rate.pause();
      nanos += pause.toNanos();
      if (pause.isZero()) {
        rate.count(bytes);
        events++;
      }
    }
    return events;
  }

  @Test
  void someThousandsMayComeAtOnceAndAThousandASecondThen() {
    assertThat(readFor(Duration.ofMillis(1), 100)).isBetween(5000, 5001);
    assertThat(readFor(Duration.ofSeconds(10), 100)).isBetween(9900, 10_100);
  }

  @Test
  void aLargeEventCountsAsMany() {
    int events = readFor(Duration.ofSeconds(10), 1 << 20);

    assertThat((long) events << 20).isBetween(200L << 20, 250L << 20);
  }

  @Test
  void aRuntimeThatWasSilentMaySendManyAgain() {
    assertThat(readFor(Duration.ofMillis(1), 0)).isBetween(5000, 5001);
    nanos += Duration.ofMinutes(1).toNanos();

    assertThat(readFor(Duration.ofMillis(1), 0)).isBetween(5000, 5001);
  }

  @Test
  void aFloodIsReadInPortions() {
    readFor(Duration.ofSeconds(1), 0);
    while (rate.pause().isZero()) {
      rate.count(0);
    }

    assertThat(rate.pause()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
  }
}
