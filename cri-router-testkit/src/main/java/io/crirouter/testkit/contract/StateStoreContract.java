package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.crirouter.core.StateStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What every {@link StateStore} must do. Extend it with a test class:
 *
 * <pre>{@code
 * class EtcdStateStoreTest extends StateStoreContract {
 *   @Override
 *   protected StateStore open() {
 *     return new EtcdStateStore(etcd.address());
 *   }
 * }
 * }</pre>
 *
 * <p>A store that keeps nothing ({@link StateStore#NONE}) does not pass, as it should not.
 */
public abstract class StateStoreContract {
  private static final int LARGE_BYTES = 1 << 20;
  private static final int SAVES = 200;
  private static final int THREADS = 8;

  /** For subclasses. */
  protected StateStoreContract() {}

  /**
   * Opens the store, as a process does that starts: within one test always over the same storage,
   * which is empty when the test begins. Stores that were opened before are not closed; they stand
   * for a process that was killed.
   */
  protected abstract StateStore open() throws Exception;

  /**
   * Makes each later save fail, of stores that are open too, until {@link #repairStorage}.
   *
   * @return whether it does; false, unless overridden, skips the rules about failures
   */
  protected boolean breakStorage() throws Exception {
    return false;
  }

  /** Lets saves succeed again after {@link #breakStorage}. */
  protected void repairStorage() throws Exception {}

  /**
   * The failures that the store has reported during this test: lines of its log, for example. Only
   * asked for if {@link #breakStorage} returns true.
   */
  protected List<String> reportedFailures() {
    return List.of();
  }

  @Test
  void anEmptyStorageHasNoState() throws Exception {
    assertEquals(Optional.empty(), open().load());
  }

  @Test
  void aSavedStateIsLoadedByTheNextProcessAsOftenAsItLooks() throws Exception {
    ByteString state = ByteString.copyFromUtf8("pods");

    new Saves(open()).save(state).await();

    StateStore next = open();
    assertEquals(Optional.of(state), next.load());
    assertEquals(Optional.of(state), next.load(), "loading does not consume the state");
  }

  @Test
  void everyByteOfALargeStateIsKept() throws Exception {
    byte[] bytes = new byte[LARGE_BYTES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31 + i / 251);
    }
    ByteString state = ByteString.copyFrom(bytes);

    new Saves(open()).save(state).await();

    boolean same = open().load().equals(Optional.of(state));
    assertTrue(same, "the state that is loaded is not the one that was saved");
  }

  @Test
  void theLatestOfManyStatesWins() throws Exception {
    Saves saves = new Saves(open());

    for (int i = 0; i < SAVES; i++) {
      saves.save(state(0, i));
    }
    saves.await();

    assertEquals(Optional.of(state(0, SAVES - 1)), open().load());
  }

  @Test
  void aLaterProcessReplacesTheStateOfAnEarlierOne() throws Exception {
    new Saves(open()).save(state(0, 0)).await();

    new Saves(open()).save(state(1, 0)).await();

    assertEquals(Optional.of(state(1, 0)), open().load());
  }

  @Test
  void whenSavedRunsNoSoonerThanTheStateIsFound() throws Exception {
    Saves saves = new Saves(open());
    for (int i = 0; i < SAVES / 10; i++) {
      saves.save(state(0, i)).await();

      assertEquals(Optional.of(state(0, i)), open().load(), "right after whenSaved has run");
    }
  }

  @Test
  void whenSavedRunsOnceForEachSaveAlsoForThoseThatALaterOneReplaces() throws Exception {
    Saves saves = new Saves(open());
    for (int i = 0; i < SAVES; i++) {
      saves.save(state(0, i));
    }

    saves.await();

    saves.assertEachToldOnce();
  }

  @Test
  void savesOfManyThreadsLeaveTheLatestOfOneOfThem() throws Exception {
    Saves saves = new Saves(open());

    Concurrently.run(
        THREADS,
        thread -> {
          for (int i = 0; i < SAVES; i++) {
            saves.save(state(thread, i));
          }
        });
    saves.await();

    saves.assertEachToldOnce();
    List<ByteString> latest = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      latest.add(state(thread, SAVES - 1));
    }
    ByteString found = open().load().orElse(ByteString.EMPTY);
    assertTrue(latest.contains(found), "not the latest of any thread: " + found.toStringUtf8());
  }

  @Test
  void aStateIsReplacedAsAWholeSoThatAKillAtAnyMomentLeavesOneThatIsComplete() throws Exception {
    Saves saves = new Saves(open());
    saves.save(uniform(0)).await();

    Future<?> writing =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 1; i <= SAVES / 4; i++) {
                saves.save(uniform(i)).await();
              }
            });
    do {
      Optional<ByteString> found = open().load();
      assertTrue(found.isPresent(), "while a state is replaced there is none");
      assertTrue(isUniform(found.get()), "while a state is replaced a part of one is found");
    } while (!writing.isDone());
    writing.get();
  }

  @Test
  void aSaveThatFailsIsReportedAndHoldsNobodyUp() throws Exception {
    StateStore store = open();
    new Saves(store).save(state(0, 0)).await();
    assumeTrue(breakStorage(), "this test class has no way to break the storage");
    try {
      Saves failing = new Saves(store).save(state(1, 0)).save(state(1, 1));

      failing.await();

      failing.assertEachToldOnce();
      assertFalse(reportedFailures().isEmpty(), "no failure was reported");
    } finally {
      repairStorage();
    }
  }

  @Test
  void savesSucceedAgainOnceTheyCan() throws Exception {
    StateStore store = open();
    assumeTrue(breakStorage(), "this test class has no way to break the storage");
    try {
      new Saves(store).save(state(0, 0)).await();
    } finally {
      repairStorage();
    }

    new Saves(store).save(state(0, 1)).await();

    assertEquals(Optional.of(state(0, 1)), open().load());
  }

  private static ByteString state(int writer, int number) {
    return ByteString.copyFromUtf8("state " + number + " of writer " + writer);
  }

  private static ByteString uniform(int number) {
    byte[] bytes = new byte[LARGE_BYTES / 4 + number];
    Arrays.fill(bytes, (byte) number);
    return ByteString.copyFrom(bytes);
  }

  /** Whether these are the bytes of {@link #uniform} for some number, all of them. */
  private static boolean isUniform(ByteString state) throws IOException {
    return !state.isEmpty() && state.equals(uniform(state.byteAt(0)));
  }
}
