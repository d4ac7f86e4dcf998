package io.crirouter.examples.bench.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts programs of this class path that serve runtimes, each in a process of its own. */
public final class RuntimesProcess {
  private RuntimesProcess() {}

  /**
   * Starts one. Its standard error is that of this process.
   *
   * @param program has the main method
   * @param folder its first argument: where its sockets are to be
   * @param arguments its other arguments
   */
  public static Process start(Class<?> program, Path folder, List<String> arguments)
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
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
