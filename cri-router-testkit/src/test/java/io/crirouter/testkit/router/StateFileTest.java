package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.core.StateStore;
import io.crirouter.proto.v1.PodSandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The location, permissions and failures of the state file. */
class StateFileTest {
  private static final Duration UNTIL_SAVED = Duration.ofSeconds(2);

  @TempDir private Path folder;
  private final SimulatedNode node = SimulatedNode.of(PRIMARY, VIRTLET);
  private boolean isRunning;

  @AfterEach
  void stop() {
    if (isRunning) {
      node.close();
    }
  }

  private void start(Path file) throws IOException {
    node.withStore(StateStore.file(file, Runnable::run)).startRouter();
    isRunning = true;
  }

  private void runPod(String name) {
    node.runPod(name, VIRTLET);
    node.advance(UNTIL_SAVED);
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void onlyTheOwnerCanReadTheFile() throws IOException {
    Path file = folder.resolve("state");
    start(file);

    runPod("vm");

    assertThat(permissions(file)).isEqualTo("rw-------");
  }

  /** The creator of a prepared file could read what the router writes. */
  @Test
  void aPreparedTemporaryFileIsNotUsed() throws IOException {
    Path file = folder.resolve("state");
    Path inTheWay = Files.writeString(folder.resolve("state.new"), "mine");
    Files.setPosixFilePermissions(inTheWay, PosixFilePermissions.fromString("rw-rw-rw-"));
    Path sameFile = Files.createLink(folder.resolve("link"), inTheWay);
    start(file);

    runPod("vm");

    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(sameFile).hasContent("mine");
  }

  @Test
  void symbolicLinksAreNotFollowed() throws IOException {
    Path victim = Files.writeString(folder.resolve("victim"), "mine");
    Path file = folder.resolve("state");
    Files.createSymbolicLink(folder.resolve("state.new"), victim);
    start(file);

    runPod("vm");

    assertThat(victim).hasContent("mine");
    assertThat(file).isRegularFile();
    assertThat(Files.isSymbolicLink(file)).isFalse();
  }

  @Test
  void aMissingFolderIsAnErrorAtStart() throws IOException {
    Path missing = folder.resolve("missing");

    assertThatThrownBy(() -> start(missing.resolve("state")))
        .hasMessageContaining(missing.toString());
  }

  @Test
  void aFileInPlaceOfTheFolderIsAnErrorAtStart() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThatThrownBy(() -> start(file.resolve("state"))).hasMessageContaining(file.toString());
  }

  @Test
  void failedSavesAreLoggedOnceAndTheirRecoveryToo() throws IOException {
    Path there = Files.createDirectory(folder.resolve("there"));
    Path away = folder.resolve("away");
    start(there.resolve("state"));
    runPod("first");
    try (CapturedLog log = new CapturedLog(Level.INFO)) {
      Files.move(there, away);
      runPod("second");
      runPod("third");
      assertThat(about("state", log)).singleElement().asString().contains(there.toString());

      Files.move(away, there);
      runPod("fourth");
      runPod("fifth");
      assertThat(about("state", log)).hasSize(2);
    }
    node.virtlet().down();
    node.startRouter();
    assertThat(node.sandboxes()).extracting(PodSandbox::getId).hasSize(5);
  }

  private static List<String> about(String word, CapturedLog log) {
    return log.lines().stream().filter(line -> line.contains(word)).toList();
  }

  @Test
  void aRejectedSaveDoesNotStopLaterSaves() throws IOException {
    List<Runnable> refused = new ArrayList<>();
    Path file = folder.resolve("state");
    boolean[] refuses = {true};
    node.withStore(
            StateStore.file(
                file,
                action -> {
                  if (refuses[0]) {
                    refused.add(action);
                    throw new RejectedExecutionException("too busy");
                  }
                  action.run();
                }))
        .startRouter();
    isRunning = true;
    try {
      runPod("first");
    } catch (RejectedExecutionException e) {
      throw new AssertionError("the router passes on what the executor throws", e);
    }
    assertThat(refused).isNotEmpty();
    refuses[0] = false;

    runPod("second");

    node.virtlet().down();
    node.startRouter();
    assertThat(node.sandboxes()).hasSize(2);
  }
}
