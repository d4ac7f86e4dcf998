package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Fake unpacked tar.gz files. */
final class TarGz {
  /** A program that does not run on this node. */
  static final String FOREIGN = "foreign";

  /** A program that ends when it should take over. */
  static final String ENDS = "ends";

  /** A program that takes over, but answers no calls. */
  static final String MUTE = "mute";

  private TarGz() {}

  /**
   * Makes one.
   *
   * @param version the version in its jar and in the last line of its unit
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
