package io.crirouter.examples.criproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hidden command that the launcher runs after each build. */
class TrainingRunCommandTest {
  @TempDir private Path folder;

  @Test
  void aTrainingRunEndsByItselfAndLeavesNoFiles() throws Exception {
    Process training =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                CriProxy.class.getName(),
                "training-run")
            .redirectErrorStream(true)
            .start();
    try {
      assertThat(training.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(training.getInputStream().readAllBytes()).asString(UTF_8).isEmpty();
      assertThat(training.exitValue()).isZero();
      try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "criproxy*")) {
        assertThat(left).isEmpty();
      }
    } finally {
      training.destroyForcibly();
    }
  }
}
