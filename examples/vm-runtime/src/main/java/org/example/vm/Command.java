package org.example.vm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs of the node, each with a time limit of 30 seconds.
 *
 * @param prefix precedes each command; {@code nsenter …} in a container, so that the programs are
 *     those of the node and outlive the container
 * @param scratch a folder for their output
 */
record Command(List<String> prefix, Path scratch) {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int SHOWN_COMMAND = 100;
  private static final int SHOWN_OUTPUT = 2000;

  /**
   * Runs a program and returns its standard output.
   *
   * @throws IOException if it cannot be started, takes too long or fails; the message has its
   *     output
   */
  String run(String... command) throws IOException, InterruptedException {
    return run(List.of(command), Map.of(), "");
  }

  /** Like {@link #run(String...)}, with additional environment variables and standard input. */
  String run(List<String> command, Map<String, String> environment, String input)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(command);
    Path stdin = Files.createTempFile(scratch, "in", "");
    Path stdout = Files.createTempFile(scratch, "out", "");
    Path stderr = Files.createTempFile(scratch, "err", "");
    try {
      Files.writeString(stdin, input);
      ProcessBuilder builder = new ProcessBuilder(all);
      builder.environment().putAll(environment);
      builder.redirectInput(stdin.toFile());
      builder.redirectOutput(stdout.toFile());
      builder.redirectError(stderr.toFile());
      await(builder.start(), command);
      return Files.readString(stdout);
    } catch (Failure e) {
      throw new IOException(e.getMessage() + ": " + shown(stderr) + shown(stdout), e);
    } finally {
      for (Path file : List.of(stdin, stdout, stderr)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void await(Process process, List<String> command)
      throws InterruptedException, Failure {
    String line = String.join(" ", command);
    String name = line.length() > SHOWN_COMMAND ? line.substring(0, SHOWN_COMMAND) + "…" : line;
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new Failure(name + " has not ended after " + LIMIT.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        throw new Failure(name + " ended with " + process.exitValue());
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static String shown(Path output) throws IOException {
    String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
    return text.substring(0, Math.min(text.length(), SHOWN_OUTPUT));
  }

  private static final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    Failure(String message) {
      super(message);
    }
  }
}
