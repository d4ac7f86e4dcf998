package io.crirouter.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.StateStore;
import io.crirouter.testkit.contract.ContractRun.OfWrongImplementation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state file passes the contract, and wrong stores fail it. */
class StateStoreContractTest {
  @Nested
  class StateFile extends StateStoreContract {
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
    private final Logger log = Logger.getLogger("io.crirouter");
    private final Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            if (line.getLevel().equals(Level.SEVERE)) {
              errors.add(line.getMessage());
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };

    @TempDir private Path folder;

    @BeforeEach
    void listen() {
      log.addHandler(handler);
      log.setUseParentHandlers(false);
    }

    @AfterEach
    void end() {
      log.removeHandler(handler);
      log.setUseParentHandlers(true);
      executor.shutdown();
    }

    private Path file() {
      return folder.resolve("state");
    }

    @Override
    protected StateStore open() throws IOException {
      return StateStore.file(file(), executor);
    }

    @Override
    protected boolean breakStorage() throws IOException {
      Files.deleteIfExists(file());
      Files.createDirectories(file().resolve("in the way"));
      return true;
    }

    @Override
    protected void repairStorage() throws IOException {
      Files.delete(file().resolve("in the way"));
      Files.delete(file());
    }

    @Override
    protected List<String> reportedFailures() {
      return List.copyOf(errors);
    }
  }

  /** A correct store in memory, the base of the wrong ones. */
  static class InMemory implements StateStore {
    private volatile @Nullable ByteString state;

    @Override
    public Optional<ByteString> load() {
      return Optional.ofNullable(state);
    }

    @Override
    public void save(ByteString value, Runnable whenSaved) {
      state = value;
      whenSaved.run();
    }
  }

  @Nested
  class Memory extends StateStoreContract {
    private final StateStore store = new InMemory();

    @Override
    protected StateStore open() {
      return store;
    }
  }

  abstract static class OfStore extends StateStoreContract {
    private final StateStore store;

    OfStore(StateStore store) {
      this.store = store;
    }

    @Override
    protected StateStore open() {
      return store;
    }
  }

  @OfWrongImplementation
  static class KeepsNothing extends OfStore {
    KeepsNothing() {
      super(StateStore.NONE);
    }
  }

  @OfWrongImplementation
  static class KeepsTheFirst extends OfStore {
    KeepsTheFirst() {
      super(
          new InMemory() {
            @Override
            public void save(ByteString value, Runnable whenSaved) {
              if (load().isEmpty()) {
                super.save(value, whenSaved);
              } else {
                whenSaved.run();
              }
            }
          });
    }
  }

  @OfWrongImplementation
  static class NotifiesTwice extends OfStore {
    NotifiesTwice() {
      super(
          new InMemory() {
            @Override
            public void save(ByteString value, Runnable whenSaved) {
              super.save(value, whenSaved);
              whenSaved.run();
            }
          });
    }
  }

  @OfWrongImplementation
  static class NotifiesTooEarly extends OfStore {
    NotifiesTooEarly() {
      super(
          new InMemory() {
            private @Nullable ByteString last;

            @Override
            public synchronized void save(ByteString value, Runnable whenSaved) {
              ByteString before = last;
              last = value;
              if (before == null) {
                whenSaved.run();
              } else {
                super.save(before, whenSaved);
              }
            }
          });
    }
  }

  @OfWrongImplementation
  static class WritesInPlace extends OfStore {
    private static final long WRITING_NANOS = 1_000_000;

    WritesInPlace() {
      super(
          new InMemory() {
            @Override
            public void save(ByteString value, Runnable whenSaved) {
              super.save(value.substring(0, value.size() / 2), () -> {});
              LockSupport.parkNanos(WRITING_NANOS);
              super.save(value, whenSaved);
            }
          });
    }
  }

  @OfWrongImplementation
  static class ThrowsAndIsSilent extends OfStore {
    private boolean broken;

    ThrowsAndIsSilent() {
      super(new InMemory());
    }

    @Override
    protected StateStore open() {
      StateStore store = super.open();
      return new StateStore() {
        @Override
        public Optional<ByteString> load() throws IOException {
          return store.load();
        }

        @Override
        public void save(ByteString value, Runnable whenSaved) {
          if (broken) {
            throw new IllegalStateException("disk full");
          }
          store.save(value, whenSaved);
        }
      };
    }

    @Override
    protected boolean breakStorage() {
      broken = true;
      return true;
    }

    @Override
    protected void repairStorage() {
      broken = false;
    }
  }

  @OfWrongImplementation
  static class HidesFailures extends OfStore {
    HidesFailures() {
      super(new InMemory());
    }

    @Override
    protected boolean breakStorage() {
      return true;
    }
  }

  @Test
  void aStoreThatKeepsNothingFails() {
    assertThat(ContractRun.of(KeepsNothing.class).failed())
        .contains("aSavedStateCanBeLoadedRepeatedlyByTheNextProcess");
  }

  @Test
  void aStoreThatKeepsAnOldStateFails() {
    assertThat(ContractRun.of(KeepsTheFirst.class).failed())
        .contains("theLatestOfManyStatesWins", "aLaterProcessReplacesTheStateOfAnEarlierOne");
    assertThat(ContractRun.of(NotifiesTooEarly.class).failed())
        .contains("whenSavedRunsAfterTheStateIsDurable");
  }

  @Test
  void aStoreThatNotifiesMoreThanOnceFails() {
    assertThat(ContractRun.of(NotifiesTwice.class).failed())
        .containsExactlyInAnyOrder(
            "whenSavedRunsOnceForEachSaveEvenIfALaterSaveReplacesIt",
            "concurrentSavesKeepTheLatestStateOfOneThread");
  }

  @Test
  void aStoreThatDoesNotReplaceAStateAtomicallyFails() {
    assertThat(ContractRun.of(WritesInPlace.class).failed())
        .containsExactly("aStateIsReplacedAtomically");
  }

  @Test
  void aStoreThatThrowsOrHidesFailuresFails() {
    assertThat(ContractRun.of(ThrowsAndIsSilent.class).failed())
        .containsExactlyInAnyOrder(
            "aFailedSaveIsReportedAndStillNotifies", "savesSucceedAgainAfterARepair");
    assertThat(ContractRun.of(HidesFailures.class).failed())
        .containsExactly("aFailedSaveIsReportedAndStillNotifies");
  }
}
