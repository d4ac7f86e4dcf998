package io.crirouter.testkit.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  /** The name of a run whose process does not exist. */
  private static final String DEAD_RUN = "4194303-1-1";

  @TempDir Path parent;

  @BeforeEach
  void assumeRunnable() {
    Optional<String> reason = ContainerdEnvironment.reasonToSkip(ContainerdLine.INSTALLED);
    assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
  }

  @Test
  void processesMountsAndBridgesOfAKilledRunAreRemoved() throws Exception {
    Path dead = Files.createDirectories(parent.resolve(DEAD_RUN).resolve("primary"));
    Path mounted = Files.createDirectory(dead.resolve("mounted"));
    Command.run("mount", "-t", "tmpfs", "none", mounted.toString()).orThrow();
    Bridge bridge = Bridge.create(dead);
    Process daemon = startRegistryIn(dead);

    try (RunDirectory run = RunDirectory.createIn(parent)) {
      assertThat(daemon.waitFor(5, TimeUnit.SECONDS)).as("daemon of the dead run ended").isTrue();
      assertThat(Path.of("/sys/class/net", bridge.name())).doesNotExist();
      assertThat(Mounts.below(parent)).isEmpty();
      assertThat(parent).isDirectoryContaining(run.path()::equals);
      assertThat(parent.resolve(DEAD_RUN)).doesNotExist();
    } finally {
      daemon.destroyForcibly();
      Mounts.detachBelow(dead);
      Bridge.removeAllOf(dead);
    }
  }

  /** A program is ended with its run if it is started by a link in the folder of the run. */
  @Test
  void programsInTheFolderAreEnded() throws Exception {
    Process daemon;
    try (RunDirectory run = RunDirectory.createIn(parent)) {
      Path sleep =
          Files.createSymbolicLink(run.path().resolve("sleep"), ContainerdEnvironment.BUSYBOX);
      daemon = new ProcessBuilder(sleep.toString(), "1000").start();
      assertThat(daemon.waitFor(100, TimeUnit.MILLISECONDS)).as("it ended by itself").isFalse();
    }
    try {
      assertThat(daemon.waitFor(5, TimeUnit.SECONDS)).as("it ended with its run").isTrue();
    } finally {
      daemon.destroyForcibly();
    }
  }

  @Test
  void onlyCniResultsOfAKilledRunAreRemoved() throws IOException {
    Path dead = Files.createDirectories(parent.resolve(DEAD_RUN).resolve("primary"));
    Path results = Files.createDirectories(Path.of("/var/lib/cni/results"));
    Path stale = Files.createTempFile(results, "crt-test-", "-eth0");
    Path foreign = Files.createTempFile(results, "crt-test-", "-eth0");
    try {
      Files.writeString(stale, "{\"netns\":\"%s/state/netns/cni-1\"}".formatted(dead));
      Files.writeString(foreign, "{\"netns\":\"/run/netns/cni-2\"}");

      RunDirectory.createIn(parent).close();

      assertThat(stale).doesNotExist();
      assertThat(foreign).exists();
    } finally {
      Files.deleteIfExists(stale);
      Files.deleteIfExists(foreign);
    }
  }

  @Test
  void runsOfLiveProcessesAndOtherFoldersAreKept() throws IOException {
    Path other = Files.createDirectory(parent.resolve("notes"));
    try (RunDirectory first = RunDirectory.createIn(parent)) {
      Path kept = Files.createFile(first.newDirectory("primary").resolve("kept"));
      try (RunDirectory second = RunDirectory.createIn(parent)) {
        assertThat(second.path()).isNotEqualTo(first.path());
        assertThat(kept).exists();
        assertThat(other).exists();
      }
      assertThat(kept).exists();
    }
  }

  @Test
  void closingTwiceHasNoEffect() {
    RunDirectory run = RunDirectory.createIn(parent);
    run.close();
    run.close();
    assertThat(run.path()).doesNotExist();
  }

  @Test
  void aSecondDaemonOfTheSameNameIsRefused() {
    try (RunDirectory run = RunDirectory.createIn(parent)) {
      run.newDirectory("primary");
      assertThatThrownBy(() -> run.newDirectory("primary"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("primary");
    }
  }

  private static Process startRegistryIn(Path folder) throws IOException {
    Path configuration = folder.resolve("registry.yml");
    Files.writeString(
        configuration,
        """
        version: 0.1
        storage: {inmemory: {}}
        http: {addr: "127.0.0.1:0"}
        """);
    return new ProcessBuilder(
            ContainerdEnvironment.REGISTRY.toString(), "serve", configuration.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }
}
