package io.crirouter.examples.node;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a command of the host to its end. */
final class Shell {
  private static final long LIMIT_SECONDS = 120;

  private Shell() {}

  /** How a command ended, and what it printed on both of its outputs. */
  record Outcome(List<String> command, int code, String output) {
    /**
     * What it printed.
     *
     * @throws IllegalStateException if it did not succeed
     */
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

  /**
   * Runs it.
   *
   * @throws IllegalStateException if it has not ended after two minutes
   */
  static Outcome run(List<String> command) {
    try {
      // A file, not a pipe: a grandchild that keeps a pipe open would outlast the limit.
      Path output = Files.createTempFile("node-e2e", ".out");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new IllegalStateException(
              "%s has not ended after %d s: %s"
                  .formatted(String.join(" ", command), LIMIT_SECONDS, Files.readString(output)));
        }
        return new Outcome(
            command, process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command) + " cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }
}
