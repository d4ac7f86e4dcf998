package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.Cancellable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManualSchedulerTest {
  private final ManualScheduler scheduler = new ManualScheduler();
  private final List<String> ran = new ArrayList<>();

  @Test
  void tasksRunAtTheirDueTime() {
    schedule("a", 10);
    scheduler.advance(Duration.ofMillis(9));
    assertThat(ran).isEmpty();

    scheduler.advance(Duration.ofMillis(1));
    assertThat(ran).containsExactly("a@10");
    assertThat(scheduler.nanoTime()).isEqualTo(10_000_000);
  }

  @Test
  void tasksAreOrderedByDueTimeThenByScheduling() {
    schedule("late", 30);
    schedule("early", 10);
    schedule("early too", 10);

    scheduler.advance(Duration.ofMillis(50));

    assertThat(ran).containsExactly("early@10", "early too@10", "late@30");
    assertThat(scheduler.nanoTime()).isEqualTo(50_000_000);
  }

  @Test
  void aTaskMayScheduleAnotherWithinTheSameAdvance() {
    scheduler.schedule(Duration.ofMillis(10), () -> schedule("second", 5));

    scheduler.advance(Duration.ofMillis(20));

    assertThat(ran).containsExactly("second@15");
  }

  @Test
  void aTaskWithoutDelayRunsAtTheNextAdvance() {
    schedule("now", 0);
    assertThat(ran).isEmpty();

    scheduler.advance(Duration.ZERO);
    assertThat(ran).containsExactly("now@0");
  }

  @Test
  void aCancelledTaskDoesNotRun() {
    Cancellable timer = scheduler.schedule(Duration.ofMillis(1), () -> ran.add("cancelled"));
    assertThat(scheduler.pendingTasks()).isEqualTo(1);
    timer.cancel();
    timer.cancel();

    scheduler.advance(Duration.ofMillis(2));

    assertThat(ran).isEmpty();
    assertThat(scheduler.pendingTasks()).isZero();
  }

  @Test
  void aTaskWithAnInfiniteDelayNeverRuns() {
    scheduler.schedule(Duration.ofSeconds(Long.MAX_VALUE), () -> ran.add("never"));

    scheduler.advance(Duration.ofDays(10_000));

    assertThat(ran).isEmpty();
  }

  @Test
  void negativeAdvancesAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> scheduler.advance(Duration.ofNanos(-1)));
  }

  private void schedule(String name, long millis) {
    scheduler.schedule(
        Duration.ofMillis(millis),
        () -> ran.add(name + "@" + Duration.ofNanos(scheduler.nanoTime()).toMillis()));
  }
}
