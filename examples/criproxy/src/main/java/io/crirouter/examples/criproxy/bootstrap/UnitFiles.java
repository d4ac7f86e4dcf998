package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds the files of a systemd unit. */
final class UnitFiles {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String ENVIRONMENT = "EnvironmentFiles=";

  private UnitFiles() {}

  /** The existing environment files, drop-ins and unit file. */
  static List<String> of(Node node, String unit) throws IOException {
    CommandResult shown =
        node.run(
            LIMIT,
            List.of(
                "systemctl", "show", unit, "--property=FragmentPath,DropInPaths,EnvironmentFiles"));
    if (!shown.isOk()) {
      throw new IOException("systemctl show " + unit + " failed: " + shown.output().strip());
    }
    List<String> files = new ArrayList<>();
    shown
        .output()
        .lines()
        .flatMap(UnitFiles::paths)
        .filter(path -> !path.isEmpty())
        .distinct()
        .filter(node.files()::exists)
        .forEach(files::add);
    return files;
  }

  private static Stream<String> paths(String property) {
    String value = property.substring(property.indexOf('=') + 1);
    // The path of an environment file is followed by "(ignore_errors=...)".
    return property.startsWith(ENVIRONMENT)
        ? Stream.of(value.replaceFirst(" \\(ignore_errors=\\w+\\)$", ""))
        : Stream.of(value.split(" ", -1));
  }
}
