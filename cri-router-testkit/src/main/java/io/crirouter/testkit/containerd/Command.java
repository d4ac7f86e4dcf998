package io.crirouter.testkit.containerd;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a command of the host and waits for its end, 20 s at most. */
final class Command {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Command() {}

  /** The exit code of a command, and its standard output and error. */
  record Outcome(List<String> command, int code, String output) {
    /** The output of a command that succeeded. */
    @CanIgnoreReturnValue
    String orThrow() {
      if (code != 0) {
        throw new IllegalStateException(
            "%s ended with %d: %s".formatted(String.join(" ", command), code, output.strip()));
      }
      return output;
    }
  }

  static Outcome run(String... command) {
    return run(List.of(command));
  }

  static Outcome run(List<String> command) {
    try {
      // A file, because a grandchild that keeps a pipe open would block the read.
      Path output = Files.createTempFile("cri-router-command", ".out");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          throw new IllegalStateException(
              String.join(" ", command) + " has not ended after " + LIMIT.toSeconds() + " s");
        }
        return new Outcome(
            command, process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command) + " cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }
}
