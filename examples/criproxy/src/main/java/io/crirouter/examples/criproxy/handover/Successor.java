package io.crirouter.examples.criproxy.handover;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Starts the process that takes over from this one: the same command, as it is installed now. */
final class Successor {
  /** The system property that the installed launcher sets to its own path. */
  private static final String LAUNCHER = "criproxy.launcher";

  private static final String TAKE_OVER = "--take-over";

  private Successor() {}

  /**
   * Starts the successor. It inherits standard output and error of this process.
   *
   * @param arguments the command line arguments of this process
   * @param admin the admin socket of this process
   */
  static Process start(List<String> arguments, Path admin) throws IOException {
    List<String> command = new ArrayList<>(program(arguments));
    arguments.stream()
        .filter(argument -> !argument.equals(TAKE_OVER) && !argument.startsWith(TAKE_OVER + "="))
        .forEach(command::add);
    command.add(TAKE_OVER + "=" + admin);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    // WATCHDOG_PID is this process. Without it the successor serves the watchdog after it took
    // over.
    builder.environment().remove("WATCHDOG_PID");
    return builder.start();
  }

  /** The command without the arguments. */
  private static List<String> program(List<String> arguments) throws IOException {
    String launcher = System.getProperty(LAUNCHER);
    if (launcher != null) {
      return List.of(launcher);
    }
    String[] words = Files.readString(Path.of("/proc/self/cmdline"), UTF_8).split("\0", -1);
    // The last word is empty: the file ends with a zero byte.
    int count = words.length - 1 - arguments.size();
    return Arrays.asList(words).subList(0, count);
  }
}
