package io.crirouter.core.internal.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.StateStore;
import io.crirouter.core.internal.wire.WireWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SavedStateTest {
  private static final int FIELD = 9;
  private static final ByteString CONTENT = ByteString.copyFromUtf8("content");

  private final ManualClock clock = new ManualClock();
  private final RecordingStore store = new RecordingStore();
  private final SavedState state = InventoryFixture.openState(store, clock);
  private final List<String> notes = new ArrayList<>();

  private void hold(ByteString content) {
    state.add(FIELD, () -> List.of(content));
  }

  private Runnable note(String note) {
    return () -> notes.add(note);
  }

  @Test
  void aChangeIsSavedATenthOfASecondLater() {
    hold(CONTENT);
    state.changed();

    assertThat(store.saved).isEmpty();
    assertThat(clock.tasks()).extracting(ManualClock.Task::delay).containsExactly(after(1));
    clock.runTasks();
    assertThat(store.saved)
        .containsExactly(new WireWriter().message(FIELD, CONTENT).toByteString());
    assertThat(clock.tasks()).isEmpty();
  }

  @Test
  void severalChangesAreOneWrite() {
    hold(CONTENT);
    state.changed();
    state.changed();

    assertThat(clock.tasks()).hasSize(1);
    clock.runTasks();
    assertThat(store.saved).hasSize(1);
  }

  @Test
  void whatWasSavedIsLoadedByTheNext() {
    hold(CONTENT);
    state.changed();
    clock.runTasks();

    SavedState next = new SavedState(store, clock);

    assertThat(next.loaded(FIELD)).containsExactly(CONTENT);
    assertThat(next.isLost()).isFalse();
  }

  @Test
  void nothingIsSavedBeforeAllPartsAreAdded() {
    SavedState early = new SavedState(store, clock);
    early.changed();
    clock.runTasks();
    assertThat(store.saved).isEmpty();

    early.add(FIELD, () -> List.of(CONTENT));
    early.open();
    clock.runTasks();

    assertThat(new SavedState(store, clock).loaded(FIELD)).containsExactly(CONTENT);
  }

  @Test
  void nothingIsSavedWhenNothingChanged() {
    hold(CONTENT);
    state.close();

    assertThat(store.saved).isEmpty();
    assertThat(clock.tasks()).isEmpty();
  }

  /** Another thread may have changed the part, and be about to say so. */
  @Test
  void aFlushSavesAChangeThatIsNotReportedYet() {
    hold(CONTENT);
    store.beSlow();
    state.flush(note("flushed"));

    assertThat(store.saved).hasSize(1);
    assertThat(notes).as("a pod must not be told of before it is saved").isEmpty();
    store.finishWrite();
    assertThat(notes).containsExactly("flushed");
    assertThat(clock.tasks()).isEmpty();
  }

  @Test
  void aLargeStateIsSavedLessOften() {
    hold(ByteString.copyFrom(new byte[3 << 20]));
    state.changed();
    clock.runTasks();

    state.changed();

    assertThat(clock.tasks())
        .as("3 MiB four times as seldom")
        .extracting(ManualClock.Task::delay)
        .containsExactly(after(4));
  }

  @Test
  void aFlushSavesAtOnceAndCancelsTheTimer() {
    hold(CONTENT);
    store.beSlow();
    state.changed();
    state.flush(note("flushed"));

    assertThat(store.saved).hasSize(1);
    assertThat(clock.tasks())
        .as("the timer is cancelled, the limit of the flush runs")
        .extracting(ManualClock.Task::delay)
        .containsExactly(Duration.ofSeconds(2));
    assertThat(notes).as("not written yet").isEmpty();
    store.finishWrite();
    assertThat(notes).containsExactly("flushed");
    assertThat(clock.tasks()).isEmpty();
  }

  /** Pods must start also on a node with a disk that hangs. */
  @Test
  void aFlushWaitsTwoSecondsAtMost() {
    hold(CONTENT);
    store.beSlow();
    state.changed();
    state.flush(note("flushed"));

    clock.runTasks();

    assertThat(notes).containsExactly("flushed");
    store.finishWrite();
    assertThat(notes).as("once").containsExactly("flushed");
  }

  /** A pod must not be told of before it is saved, also if a timer began to save it just before. */
  @Test
  void aFlushWaitsForAWriteThatIsUnderWay() {
    hold(CONTENT);
    store.beSlow();
    state.changed();
    clock.runTasks();
    state.flush(note("flushed"));

    assertThat(notes).as("the change is not written yet").isEmpty();
    while (notes.isEmpty()) {
      store.finishWrite();
    }
    assertThat(notes).containsExactly("flushed");
  }

  @Test
  void whatIsUnsavedWhenItIsClosedIsSavedAndNothingLater() {
    hold(CONTENT);
    state.changed();
    Runnable timer = clock.tasks().get(0).action();

    state.close();
    assertThat(store.saved).hasSize(1);
    assertThat(clock.tasks()).as("the timer is cancelled").isEmpty();
    timer.run();
    state.changed();
    state.flush(note("flushed"));

    assertThat(store.saved).as("the next router's state is not written over").hasSize(1);
    assertThat(clock.tasks()).isEmpty();
    assertThat(notes).containsExactly("flushed");
  }

  @Test
  void aChangeDuringTheLastSaveIsNotSavedAfterTheClose() {
    state.add(
        FIELD,
        () -> {
          state.changed();
          return List.of(CONTENT);
        });
    state.changed();

    state.close();
    int saved = store.saved.size();
    clock.runTasks();

    assertThat(store.saved).as("the next router may have begun").hasSize(saved);
  }

  @Test
  void aPartMayWaitForAThreadThatReportsAChangeWhileItIsAsked() {
    state.add(
        FIELD,
        () -> {
          CompletableFuture.runAsync(state::changed).orTimeout(10, TimeUnit.SECONDS).join();
          return List.of(CONTENT);
        });
    state.changed();
    clock.runTasks();

    assertThat(store.saved).hasSize(1);
    assertThat(clock.tasks()).as("the change is saved later").hasSize(1);
  }

  /** Two threads that save at the same time must not leave the older of two states behind. */
  @Test
  void aFlushDuringASaveLeavesTheNewestState() {
    List<String> content = new ArrayList<>(List.of("old"));
    state.add(
        FIELD,
        () -> {
          ByteString collected = ByteString.copyFromUtf8(content.remove(0));
          if (!content.isEmpty()) {
            state.changed();
            CompletableFuture.runAsync(() -> state.flush(note("flushed")))
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
          }
          return List.of(collected);
        });
    content.add("new");
    state.changed();
    clock.runTasks();

    assertThat(store.last().toStringUtf8()).endsWith("new");
    assertThat(notes).containsExactly("flushed");
  }

  @Test
  void aFailedSaveStopsNoLaterOne() {
    hold(CONTENT);
    store.beBroken(true);
    state.changed();
    state.flush(note("failed"));
    assertThat(notes).as("a pod starts all the same").containsExactly("failed");

    store.beBroken(false);
    state.changed();
    state.flush(note("saved"));

    assertThat(notes).containsExactly("failed", "saved");
    assertThat(store.saved).hasSize(1);
  }

  @Test
  void withoutAStoreNothingIsPlanned() {
    SavedState unsaved = new SavedState(StateStore.NONE, clock);
    unsaved.changed();
    unsaved.flush(note("flushed"));

    assertThat(clock.tasks()).isEmpty();
    assertThat(notes).containsExactly("flushed");
  }

  @Test
  void aStateThatCannotBeReadIsLostAndTheRouterBeginsAnew() {
    StateStore unreadable =
        new StateStore() {
          @Override
          public Optional<ByteString> load() throws IOException {
            throw new IOException("it was damaged");
          }

          @Override
          public void save(ByteString content, Runnable whenSaved) {
            whenSaved.run();
          }
        };
    store.saved.add(ByteString.copyFromUtf8("no message"));

    for (StateStore lost : List.of(unreadable, store)) {
      SavedState anew = new SavedState(lost, clock);
      assertThat(anew.isLost()).isTrue();
      assertThat(anew.loaded(SavedState.INVENTORIES)).isEmpty();
    }
  }

  private static Duration after(int tenthsOfASecond) {
    return Duration.ofMillis(100L * tenthsOfASecond);
  }
}
