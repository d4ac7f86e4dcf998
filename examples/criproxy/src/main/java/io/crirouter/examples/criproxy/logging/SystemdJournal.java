package io.crirouter.examples.criproxy.logging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The systemd journal, which reads the standard error of services. */
final class SystemdJournal {
  private static final String VARIABLE = "JOURNAL_STREAM";

  private SystemdJournal() {}

  /**
   * Whether standard error goes to the journal. JOURNAL_STREAM has the device and inode of the
   * stream then, which must be compared because child processes inherit it; see systemd.exec(5).
   */
  static boolean isStandardError() {
    String stream = System.getenv(VARIABLE);
    return stream != null && stream.equals(identity(Path.of("/proc/self/fd/2")));
  }

  /** DEVICE:INODE of an open file; empty if it cannot be read. */
  static String identity(Path file) {
    try {
      Map<String, Object> attributes = Files.readAttributes(file, "unix:dev,ino");
      return attributes.get("dev") + ":" + attributes.get("ino");
    } catch (IOException | RuntimeException e) {
      return "";
    }
  }

  /** The priority of syslog(3) for a level. */
  static int priority(System.Logger.Level level) {
    return switch (level) {
      case ERROR -> 3;
      case WARNING -> 4;
      case INFO -> 6;
      default -> 7;
    };
  }
}
