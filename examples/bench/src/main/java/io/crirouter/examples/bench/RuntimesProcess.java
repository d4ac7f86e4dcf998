package io.crirouter.examples.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of this class path that serves runtimes, in a process of its own. The program prints
 * {@code ok} when it serves, and after each line of its standard input.
 */
public final class RuntimesProcess implements AutoCloseable {
  private static final String REPLY = "ok";

  private final Process process;
  private final BufferedReader replies;

  private RuntimesProcess(Process process) {
    this.process = process;
    this.replies = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  /**
   * Starts a program and waits until it serves. Its standard error is that of this process.
   *
   * @param program the class with the main method
   * @param folder its first argument: the folder for its sockets
   * @param arguments its other arguments
   */
  public static RuntimesProcess start(Class<?> program, Path folder, List<String> arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName(),
                folder.toString()));
    command.addAll(arguments);
    RuntimesProcess started =
        new RuntimesProcess(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    started.awaitReply();
    return started;
  }

  /** Prints the reply that {@link #start} and {@link #send} wait for; called by the program. */
  public static void reply() {
    System.out.println(REPLY);
  }

  /** Sends a line to the program and waits for its reply. */
  public void send(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(UTF_8));
    process.getOutputStream().flush();
    awaitReply();
  }

  private void awaitReply() throws IOException {
    if (!REPLY.equals(replies.readLine())) {
      throw new IOException("a process with runtimes has failed; see its error above");
    }
  }

  /** Fails if the process has ended. */
  public void requireAlive() throws IOException {
    if (!process.isAlive()) {
      throw new IOException("a process with runtimes has ended");
    }
  }

  /** Ends the process and waits for that. */
  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
