package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Ten minutes of simulated time in which runtimes are killed and restarted, fail, hang, answer late
 * or malformed, or lack rpcs, and the router is restarted, also with other names for them. Pods are
 * created and removed, and a kubelet lists every second. Each seed determines one run.
 */
class ChaosTest {
  private static final int SEEDS = Integer.getInteger("crirouter.chaos.seeds", 200);
  private static final long FIRST_SEED = Long.getLong("crirouter.chaos.seed", 1);
  private static final int SEEDS_AT_REST = Math.min(SEEDS, 3);

  /** The size of a pod uid and the name of a runtime. */
  private static final int BYTES_PER_PLACEMENT = 50;

  /** The difference that longer names of runtimes can make. */
  private static final int BYTES_OF_NAMES = 500;

  private static final Duration LENGTH = Duration.ofMinutes(10);

  /** A strong reference, because the JDK drops the level of an unreferenced logger. */
  private static final Logger LOG = Logger.getLogger("io.crirouter");

  @BeforeAll
  static void silenceLog() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void restoreLog() {
    LOG.setLevel(null);
  }

  @Test
  void listsStayCorrectWithPrefixedIds() {
    run(IdStrategy.prefixed(), SEEDS);
  }

  @Test
  void listsStayCorrectWithNativeIds() {
    run(IdStrategy.nativeIds(), (SEEDS + 3) / 4);
  }

  /** Runs the seeds in parallel, because runs are independent. */
  private static void run(IdStrategy ids, int seeds) {
    Counts counts =
        LongStream.range(FIRST_SEED, FIRST_SEED + seeds)
            .parallel()
            .mapToObj(seed -> run(ids, seed))
            .reduce(new Counts(0, 0), Counts::plus);
    assertThat(counts.lists()).as("lists that were checked").isGreaterThan(seeds * 100L);
    assertThat(counts.restarts()).as("restarts of the router").isGreaterThan(seeds);
  }

  private static Counts run(IdStrategy ids, long seed) {
    try (Chaos chaos = new Chaos(seed, ids, new MemoryStateStore())) {
      chaos.run(LENGTH);
      return new Counts(chaos.listsChecked(), chaos.restarts());
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed "
              + seed
              + " (again with -Dcrirouter.chaos.seeds=1 -Dcrirouter.chaos.seed="
              + seed
              + "): "
              + e.getMessage(),
          e);
    }
  }

  /** The counts of several runs. */
  private record Counts(long lists, long restarts) {
    Counts plus(Counts other) {
      return new Counts(lists + other.lists, restarts + other.restarts);
    }
  }

  @Test
  void nothingIsRetainedAfterAChaosRun() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS_AT_REST; seed++) {
      MemoryStateStore store = new MemoryStateStore();
      try (Chaos chaos = new Chaos(seed, IdStrategy.prefixed(), store)) {
        chaos.awaitQuiescence();
        Chaos.Held before = chaos.held();
        int bytesBefore = store.bytes();
        chaos.run(LENGTH);
        assertThat(store.bytes()).as("what is known amid pods").isGreaterThan(10 * bytesBefore);

        chaos.awaitQuiescence();

        assertThat(chaos.held()).as("seed %d", seed).isEqualTo(before);
        assertThat(store.bytes() - bytesBefore)
            .as("what is known, seed %d, but for %d failed pods", seed, chaos.notCreated())
            .isBetween(-BYTES_OF_NAMES, BYTES_OF_NAMES + BYTES_PER_PLACEMENT * chaos.notCreated());
      }
    }
  }
}
