package io.crirouter.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may read the state file, and what else may lie at its path. */
@Timeout(30)
class StateFileAccessTest {
  private static final ByteString STATE = ByteString.copyFromUtf8("what is known");

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("state");
  }

  private StateStore store() throws IOException {
    return StateStore.file(file, Runnable::run);
  }

  @Test
  void onlyTheOwnerMayReadItFromItsFirstByte() throws IOException {
    StateStore store = store();
    Path fresh = Files.writeString(folder.resolve("state.new"), "left over");
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw-rw-"));
    try (InputStream reader = Files.newInputStream(fresh)) {
      store.save(STATE, () -> {});

      assertThat(reader.readAllBytes()).asString(UTF_8).isEqualTo("left over");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aLinkInPlaceOfTheNewFileIsNotFollowed() throws IOException {
    Path precious = Files.writeString(folder.resolve("precious"), "data");
    StateStore store = store();
    Files.createSymbolicLink(folder.resolve("state.new"), precious);

    store.save(STATE, () -> {});

    assertThat(precious).hasContent("data");
    assertThat(store.load()).contains(STATE);
    assertThat(file).isRegularFile();
  }

  @Test
  void aLinkInPlaceOfTheFileIsRefusedAtTheStartAndReplacedLater() throws IOException {
    Path precious = Files.writeString(folder.resolve("precious"), "data");
    StateStore store = store();
    Files.createSymbolicLink(file, precious);

    assertThatThrownBy(this::store).hasMessageContaining("symbolic link");
    assertThatThrownBy(store::load).hasMessageContaining("symbolic link");
    store.save(STATE, () -> {});

    assertThat(precious).hasContent("data");
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(store.load()).contains(STATE);
  }

  @Test
  void whatIsNoRegularFileIsRefusedWithoutOpeningIt() throws Exception {
    StateStore store = store();
    Process mkfifo = new ProcessBuilder("mkfifo", file.toString()).start();
    assertThat(mkfifo.waitFor(10, TimeUnit.SECONDS)).isTrue();

    assertThatThrownBy(this::store).hasMessageContaining(file + ": it is not a regular file");
    assertThatThrownBy(store::load).hasMessageContaining("not a regular file");
    assertThatThrownBy(() -> StateStore.file(folder, Runnable::run))
        .hasMessageContaining(folder + ": it is not a regular file");
  }

  @Test
  void aFolderThatCannotHoldItIsNamedAtTheStart() throws IOException {
    Path missing = folder.resolve("missing").resolve("state");
    Path inFile = Files.createFile(folder.resolve("file")).resolve("state");
    Path unwritable = Path.of("/proc/state");

    assertThatThrownBy(() -> StateStore.file(missing, Runnable::run))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot keep the state in " + missing)
        .hasMessageContaining(missing.getParent() + " does not exist");
    assertThatThrownBy(() -> StateStore.file(inFile, Runnable::run))
        .hasMessageContaining(inFile.getParent() + " is not a folder");
    assertThatThrownBy(() -> StateStore.file(unwritable, Runnable::run))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no file can be created in the folder /proc");
    assertThatThrownBy(() -> StateStore.file(Path.of("/"), Runnable::run))
        .isInstanceOf(IOException.class);
  }
}
