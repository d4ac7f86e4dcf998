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
 * The contract of {@link StateStore}. Extend it with a test class:
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
 * <p>A store that keeps nothing ({@link StateStore#NONE}) does not pass.
 */
public abstract class StateStoreContract {
  private static final int LARGE_BYTES = 1 << 20;
  private static final int SAVES = 200;
  private static final int THREADS = 8;

  /** For subclasses. */
  protected StateStoreContract() {}

  /**
   * Opens the store, as at the start of a process. Within a test all stores use the same storage,
   * which is empty at the beginning. Earlier stores are not closed, as after a kill of the process.
   */
  protected abstract StateStore open() throws Exception;

  /**
   * Makes all saves fail until {@link #repairStorage}, also those of open stores.
   *
   * @return whether this is supported; false, the default, skips the tests of failures
   */
  protected boolean breakStorage() throws Exception {
    return false;
  }

  /** Lets saves succeed again after {@link #breakStorage}. */
  protected void repairStorage() throws Exception {}

  /**
   * The failures that the store has reported during this test, for example lines of its log. Called
   * only if {@link #breakStorage} returns true.
   */
  protected List<String> reportedFailures() {
    return List.of();
  }

  @Test
  void emptyStorageHasNoState() throws Exception {
    assertEquals(Optional.empty(), open().load());
  }

  @Test
  void aSavedStateCanBeLoadedRepeatedlyByTheNextProcess() throws Exception {
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
    assertTrue(same, "the loaded state differs from the saved state");
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
  void whenSavedRunsAfterTheStateIsDurable() throws Exception {
    Saves saves = new Saves(open());
    for (int i = 0; i < SAVES / 10; i++) {
      saves.save(state(0, i)).await();

      assertEquals(Optional.of(state(0, i)), open().load(), "right after whenSaved has run");
    }
  }

  @Test
  void whenSavedRunsOnceForEachSaveEvenIfALaterSaveReplacesIt() throws Exception {
    Saves saves = new Saves(open());
    for (int i = 0; i < SAVES; i++) {
      saves.save(state(0, i));
    }

    saves.await();

    saves.assertEachNotifiedOnce();
  }

  @Test
  void concurrentSavesKeepTheLatestStateOfOneThread() throws Exception {
    Saves saves = new Saves(open());

    Concurrently.run(
        THREADS,
        thread -> {
          for (int i = 0; i < SAVES; i++) {
            saves.save(state(thread, i));
          }
        });
    saves.await();

    saves.assertEachNotifiedOnce();
    List<ByteString> latest = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      latest.add(state(thread, SAVES - 1));
    }
    ByteString found = open().load().orElse(ByteString.EMPTY);
    assertTrue(latest.contains(found), "not the latest of any thread: " + found.toStringUtf8());
  }

  @Test
  void aStateIsReplacedAtomically() throws Exception {
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
      assertTrue(found.isPresent(), "there is no state while one is replaced");
      assertTrue(isUniform(found.get()), "a partial state was loaded while one is replaced");
    } while (!writing.isDone());
    writing.get();
  }

  @Test
  void aFailedSaveIsReportedAndStillNotifies() throws Exception {
    StateStore store = open();
    new Saves(store).save(state(0, 0)).await();
    assumeTrue(breakStorage(), "this test class has no way to break the storage");
    try {
      Saves failing = new Saves(store).save(state(1, 0)).save(state(1, 1));

      failing.await();

      failing.assertEachNotifiedOnce();
      assertFalse(reportedFailures().isEmpty(), "no failure was reported");
    } finally {
      repairStorage();
    }
  }

  @Test
  void savesSucceedAgainAfterARepair() throws Exception {
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

  /** Whether this is a complete state of {@link #uniform}. */
  private static boolean isUniform(ByteString state) throws IOException {
    return !state.isEmpty() && state.equals(uniform(state.byteAt(0)));
  }
}
