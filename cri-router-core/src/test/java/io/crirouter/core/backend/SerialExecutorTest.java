package io.crirouter.core.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
  private final SerialExecutor serial = new SerialExecutor();
  private final List<String> ran = new ArrayList<>();

  @Test
  void aTaskRunsBeforeExecuteReturnsWhileNoneIsRunning() {
    serial.execute(() -> ran.add("a"));

    assertThat(ran).containsExactly("a");
  }

  @Test
  void whatATaskBringsRunsAfterIt() {
    serial.execute(
        () -> {
          serial.execute(() -> ran.add("inner"));
          ran.add("outer");
        });

    assertThat(ran).containsExactly("outer", "inner");
  }

  @Test
  void aLongChainOfTasksNeedsNoStack() {
    countDown(1_000_000);

    assertThat(ran).containsExactly("end");
  }

  private void countDown(int left) {
    serial.execute(
        () -> {
          if (left > 0) {
            countDown(left - 1);
          } else {
            ran.add("end");
          }
        });
  }

  @Test
  void aTaskThatFailsDoesNotKeepOthersFromRunning() {
    serial.execute(
        () -> {
          serial.execute(() -> ran.add("after"));
          throw new IllegalStateException("a task that fails on purpose");
        });
    serial.execute(() -> ran.add("later"));

    assertThat(ran).containsExactly("after", "later");
  }

  @Test
  void tasksOfManyThreadsNeverRunAtTheSameTime() throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    CountDownLatch done = new CountDownLatch(4);
    int[] unguarded = new int[1];
    for (int t = 0; t < 4; t++) {
      threads.execute(
          () -> {
            for (int i = 0; i < 25_000; i++) {
              serial.execute(() -> unguarded[0]++);
            }
            done.countDown();
          });
    }
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    threads.shutdown();
    assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();

    assertThat(unguarded[0]).isEqualTo(100_000);
  }
}
