package io.crirouter.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FileStateStoreTest {
  private static final ByteString STATE = ByteString.copyFromUtf8("what is known");
  private static final ByteString NEWER = ByteString.copyFromUtf8("what is known now");

  @TempDir private Path folder;
  private final Lines log = new Lines();
  private final AtomicInteger told = new AtomicInteger();
  private final List<String> saves = new ArrayList<>();
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("state");
  }

  private StateStore store() throws IOException {
    return store(Runnable::run);
  }

  private StateStore store(Executor executor) throws IOException {
    FileStateStore store = new FileStateStore(file, executor, this::ended, "this boot", log);
    store.requireUsable();
    return store;
  }

  private void ended(int bytes, @Nullable Throwable failure) {
    saves.add(bytes + (failure == null ? " saved" : " failed"));
  }

  private void save(StateStore store, ByteString state) {
    store.save(state, told::incrementAndGet);
  }

  private Path saved() throws IOException {
    save(store(), STATE);
    return file;
  }

  @Test
  void whatWasSavedLastIsLoaded() throws IOException {
    StateStore store = store();
    assertThat(store.load()).isEmpty();

    save(store, STATE);
    save(store, NEWER);

    assertThat(store().load()).contains(NEWER);
    assertThat(told).hasValue(2);
    Files.delete(file);
    assertThat(folder).as("nothing else is left").isEmptyDirectory();
  }

  @Test
  void aStateOfVeryManyPartsAndSomeLargeOnesIsKeptWhole() throws IOException {
    ByteString state = ByteString.EMPTY;
    for (int i = 0; i < 5000; i++) {
      state = state.concat(ByteString.copyFromUtf8("container-" + i + "-".repeat(200)));
    }
    state = state.concat(ByteString.copyFrom(new byte[300_000])).concat(state);

    save(store(), state);

    assertThat(store().load()).contains(state);
  }

  @Test
  void whoeverWaitsIsToldOnceWhenTheFileIsThere() throws IOException {
    List<Boolean> there = new ArrayList<>();
    Deque<Runnable> tasks = new ArrayDeque<>();
    StateStore store = store(tasks::add);
    store.save(STATE, () -> there.add(Files.exists(file)));
    store.save(NEWER, () -> there.add(Files.exists(file)));
    assertThat(there).as("not before it is written").isEmpty();

    tasks.forEach(Runnable::run);

    assertThat(there).containsExactly(true, true);
    assertThat(tasks).as("several states in a row are one write").hasSize(1);
    assertThat(store.load()).contains(NEWER);
  }

  @Test
  void whatIsSavedWhileSomebodyIsToldIsWrittenToo() throws IOException {
    StateStore store = store();

    store.save(STATE, () -> save(store, NEWER));

    assertThat(told).hasValue(1);
    assertThat(store.load()).contains(NEWER);
  }

  @Test
  void withoutAStoreWhoeverWaitsIsToldAtOnce() {
    save(StateStore.NONE, STATE);

    assertThat(told).hasValue(1);
  }

  @Test
  void oneWhoFailsWhenHeIsToldHoldsUpNobodyElse() throws IOException {
    Deque<Runnable> tasks = new ArrayDeque<>();
    StateStore store = store(tasks::add);
    store.save(
        STATE,
        () -> {
          throw new IllegalStateException("planted");
        });
    save(store, NEWER);

    tasks.remove().run();

    assertThat(told).hasValue(1);
    assertThat(store.load()).contains(NEWER);
    save(store, STATE);
    tasks.remove().run();
    assertThat(told).hasValue(2);
  }

  @Test
  void afterAFailureSavesGoOnAndItIsReportedOnceAndWhenItIsMended() throws IOException {
    StateStore store = store();
    Path inTheWay = Files.createDirectories(file.resolve("in the way"));

    save(store, STATE);
    save(store, STATE);

    assertThat(told).as("pods do not wait for a store that fails").hasValue(2);
    assertThat(log.lines).hasSize(1);
    assertThat(log.lines.get(0)).startsWith("ERROR: cannot save the state to " + file);

    Files.delete(inTheWay);
    Files.delete(file);
    save(store, NEWER);
    save(store, NEWER);
    assertThat(store.load()).contains(NEWER);
    assertThat(log.lines).hasSize(2);
    assertThat(log.lines.get(1)).isEqualTo("INFO: the state is saved to " + file + " again");
    assertThat(saves).containsExactly("13 failed", "13 failed", "17 saved", "17 saved");
  }

  @Test
  void anExecutorThatRefusesStopsNoLaterSave() throws IOException {
    Deque<RuntimeException> refusals =
        new ArrayDeque<>(List.of(new RejectedExecutionException("full"), new Unforeseen()));
    Executor executor =
        task -> {
          if (!refusals.isEmpty()) {
            throw refusals.remove();
          }
          task.run();
        };
    StateStore store = store(executor);

    save(store, STATE);
    save(store, STATE);
    assertThat(told).hasValue(2);
    assertThat(store.load()).isEmpty();
    save(store, NEWER);

    assertThat(told).hasValue(3);
    assertThat(store.load()).contains(NEWER);
    assertThat(log.lines).hasSize(2);
    assertThat(saves).containsExactly("13 failed", "13 failed", "17 saved");
  }

  @Test
  void anUnforeseenFailureStopsNoLaterSave() throws IOException {
    StateStore store = store();

    // A state that cannot be read any more stands for whatever nobody thought of.
    save(store, null);
    save(store, NEWER);

    assertThat(told).hasValue(2);
    assertThat(store.load()).contains(NEWER);
  }

  @Test
  void aFileOfTheOlderFormatIsSetAsideSayingSo() throws IOException {
    Files.writeString(file, "cri-router state 1\nboot\nchecksum\ncontent");

    assertThatThrownBy(store()::load)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another version, 'cri-router state 1'")
        .hasMessageContaining(file + ".version-1");

    assertThat(file).doesNotExist();
    assertThat(folder.resolve("state.version-1")).content().endsWith("content");
    assertThat(store().load()).isEmpty();
  }

  @Test
  void theFormatIsTheSecond() throws IOException {
    assertThat(saved()).content().startsWith("cri-router state 2\n");
  }

  @Test
  void aFileThatIsTooLargeIsSetAsideUnread() throws IOException {
    try (RandomAccessFile large = new RandomAccessFile(saved().toFile(), "rw")) {
      large.setLength((64L << 20) + 1);
    }

    assertThatThrownBy(store()::load).hasMessageContaining("it has 67108865 bytes, more than");

    assertThat(folder.resolve("state.damaged")).exists();
  }

  @Test
  void whatIsDamagedIsSetAsideWhereverTheDamageIs() throws IOException {
    byte[] whole = Files.readAllBytes(saved());
    for (String content : List.of("\n\n\n\n", "x", new String(whole, UTF_8) + "x")) {
      Files.writeString(file, content);
      assertThatThrownBy(store()::load).hasMessageContaining("cannot be used");
      assertThat(folder.resolve("state.damaged")).hasContent(content);
    }
    for (int length = 1; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      StateStore store = store();
      try {
        assertThat(store.load()).as("of %d bytes", length).isEmpty();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("cannot be used");
      }
    }
  }

  @Test
  void whatWasSavedBeforeTheLastBootIsNotLoadedDamagedOrNot() throws IOException {
    new FileStateStore(file, Runnable::run, this::ended, "earlier boot", log).save(STATE, () -> {});
    assertThat(store().load()).isEmpty();

    Files.writeString(file, Files.readString(file) + "damage of a crash");
    assertThat(store().load()).isEmpty();
    Files.write(file, new byte[0]);
    assertThat(store().load()).as("a crash may leave a file without content").isEmpty();
  }

  private static final class Unforeseen extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** What is logged. */
  private static final class Lines implements System.Logger {
    private final List<String> lines = new ArrayList<>();

    @Override
    public String getName() {
      return "test";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
      lines.add(level + ": " + message + ": " + thrown);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
      lines.add(level + ": " + MessageFormat.format(format, parameters));
    }
  }
}
