package io.crirouter.examples.criproxy;

import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The first line of the log: the version and the main settings. */
final class StartLine {
  private StartLine() {}

  static String of(ProxyConfig config, String version) {
    List<String> runtimes = new ArrayList<>();
    for (BackendConfig backend : config.backends()) {
      runtimes.add(
          backend.name() + (runtimes.isEmpty() ? " (primary) at " : " at ") + backend.socket());
    }
    return String.format(
        "criproxy %s starts: runtimes %s; %s ids, %s image names; %s; configuration %s",
        version,
        String.join(", ", runtimes),
        config.word("ids"),
        config.word("images"),
        config.stateFile().map(Path::toString).map("state in "::concat).orElse("no state file"),
        config.file().orElse("from options"));
  }
}
