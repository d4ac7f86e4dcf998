package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Unpacked tar.gz files, as far as an installation looks at them. */
final class TarGz {
  /** A program that does not run on this node. */
  static final String FOREIGN = "foreign";

  /** One that ends when it is to take over. */
  static final String ENDS = "ends";

  /** One that takes over, and answers nothing then. */
  static final String MUTE = "mute";

  private TarGz() {}

  /**
   * Makes one.
   *
   * @param version that its jar and the last line of its unit have
   * @param program one of the above; empty for one that works
   */
  static Path unpack(Path folder, String version, String program) throws IOException {
    Path unit = Path.of("").toAbsolutePath().resolve("dist/criproxy.service");
    Files.createDirectories(folder.resolve("share"));
    Files.createDirectories(folder.resolve("bin"));
    Files.writeString(folder.resolve("bin/criproxy"), program);
    Files.writeString(folder.resolve("criproxy.jar"), version);
    Files.writeString(
        folder.resolve("share/criproxy.service"), Files.readString(unit) + "# " + version + "\n");
    return folder;
  }
}
