package io.crirouter.examples.node;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Programs in Java as processes of their own. */
final class JavaProgram {
  private JavaProgram() {}

  /** The class path of this process, without relative paths. */
  static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * What starts one.
   *
   * @param folder of the run, by which its processes are known
   */
  static List<String> command(
      Path folder, String classPath, String mainClass, List<String> arguments) throws IOException {
    Path java =
        NodeNamespace.program(
            folder, "java", Path.of(System.getProperty("java.home"), "bin", "java"));
    List<String> command = new ArrayList<>();
    command.addAll(List.of(java.toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(arguments);
    return command;
  }
}
