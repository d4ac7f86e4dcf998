package io.crirouter.examples.criproxy.logging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The journal of systemd, which reads standard error of services. */
final class Journal {
  private static final String VARIABLE = "JOURNAL_STREAM";

  private Journal() {}

  /**
   * Whether standard error goes there: systemd.exec(5) says that JOURNAL_STREAM has its device and
   * inode then, and that a process that inherited it has to compare them.
   */
  static boolean isStandardError() {
    String stream = System.getenv(VARIABLE);
    return stream != null && stream.equals(identity(Path.of("/proc/self/fd/2")));
  }

  /** DEVICE:INODE of an open file; empty if that cannot be told. */
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
