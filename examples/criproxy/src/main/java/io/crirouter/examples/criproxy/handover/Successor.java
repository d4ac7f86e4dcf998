package io.crirouter.examples.criproxy.handover;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The process that is to take the place of this one: the same command, as it is installed now. */
final class Successor {
  /** Set by the installed launcher: its own path. */
  private static final String LAUNCHER = "criproxy.launcher";

  private static final String TAKE_OVER = "--take-over";

  private Successor() {}

  /**
   * Starts it. It says what it has to say where this process does.
   *
   * @param arguments those of this process
   * @param admin the admin socket of this process
   */
  static Process start(List<String> arguments, Path admin) throws IOException {
    List<String> command = new ArrayList<>(program(arguments));
    arguments.stream()
        .filter(argument -> !argument.equals(TAKE_OVER) && !argument.startsWith(TAKE_OVER + "="))
        .forEach(command::add);
    command.add(TAKE_OVER + "=" + admin);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    // It is about this process; systemd's watchdog is the successor's when it has taken over.
    builder.environment().remove("WATCHDOG_PID");
    return builder.start();
  }

  /** All before the arguments. The program may have been replaced by a newer one since. */
  private static List<String> program(List<String> arguments) throws IOException {
    String launcher = System.getProperty(LAUNCHER);
    if (launcher != null) {
      return List.of(launcher);
    }
    String[] running = Files.readString(Path.of("/proc/self/cmdline"), UTF_8).split("\0", -1);
    // It ends with a zero.
    int words = running.length - 1 - arguments.size();
    return Arrays.asList(running).subList(0, words);
  }
}
