package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The proxy's program on a node.
 *
 * @param executable the program that the unit starts
 * @param unitFile the file of its unit
 * @param source the folder to copy to the node first; empty if the program is installed
 */
record ProxyProgram(String executable, String unitFile, Optional<Path> source) {
  static final String UNIT = "criproxy.service";

  /** The folder of the package; without the package, a link to one of {@link #SLOTS}. */
  static final String FOLDER = "/usr/lib/criproxy";

  /** The folders of copies: the present program and, after an upgrade, the former one. */
  static final List<String> SLOTS = List.of(FOLDER + ".a", FOLDER + ".b");

  static final String LAUNCHER = "/bin/criproxy";
  static final String JAR = "/criproxy.jar";
  static final String OWN_UNIT = "/etc/systemd/system/" + UNIT;
  static final String DEFAULTS = "/etc/default/criproxy";

  private static final String PACKAGED_EXECUTABLE = "/usr/bin/criproxy";
  private static final String EXEC_START = "ExecStart=";

  private static final List<String> UNIT_FILES =
      List.of(OWN_UNIT, "/usr/lib/systemd/system/" + UNIT, "/lib/systemd/system/" + UNIT);

  /**
   * Finds the program.
   *
   * @param image the unpacked tar.gz of this program, if it runs from one
   * @throws RefusedException if the program is neither on the node nor in {@code image}
   */
  static ProxyProgram find(Node node, Optional<Path> image) throws IOException, RefusedException {
    for (String unitFile : UNIT_FILES) {
      Optional<String> unit = node.files().read(unitFile);
      if (unit.isPresent()) {
        return new ProxyProgram(executable(unitFile, unit.get()), unitFile, Optional.empty());
      }
    }
    if (image.isEmpty()) {
      throw new RefusedException(
          "criproxy is not installed on this node: install the package (.deb), or run this from the"
              + " unpacked tar.gz");
    }
    boolean exists = node.files().exists(FOLDER);
    boolean isImage = exists && Files.isSameFile(node.files().locate(FOLDER), image.get());
    if (exists && !isImage) {
      throw new RefusedException(
          FOLDER + " exists, but no unit " + UNIT + " starts it: remove the folder first");
    }
    return new ProxyProgram(FOLDER + LAUNCHER, OWN_UNIT, isImage ? Optional.empty() : image);
  }

  private static String executable(String unitFile, String unit) throws RefusedException {
    return command(unit)
        .map(command -> command.split(" ", 2)[0])
        .orElseThrow(() -> new RefusedException(unitFile + " has no " + EXEC_START));
  }

  /** The arguments of the program in {@code unit}; may be empty. */
  static String arguments(String unit) {
    String[] words = command(unit).orElse("").split(" ", 2);
    return words.length == 2 ? words[1] : "";
  }

  private static Optional<String> command(String unit) {
    return unit.lines()
        .filter(line -> line.startsWith(EXEC_START))
        .map(line -> line.substring(EXEC_START.length()).strip())
        .findFirst();
  }

  /** The unit of the tar.gz, with the path of this program. */
  String unit(Path image) throws IOException {
    return Files.readString(image.resolve("share/" + UNIT))
        .replace("=" + PACKAGED_EXECUTABLE + " ", "=" + executable + " ");
  }

  /** The unpacked tar.gz that this process runs from; empty if it runs from another place. */
  static Optional<Path> runningImage() throws IOException {
    Path jar =
        Path.of(ProxyProgram.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    Path folder = jar.toRealPath().getParent();
    return folder != null
            && Files.isExecutable(folder.resolve("bin/criproxy"))
            && Files.isDirectory(folder.resolve("runtime"))
        ? Optional.of(folder)
        : Optional.empty();
  }
}
