package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs systemctl. */
final class Systemctl {
  /** Long, because a stop of the proxy drains, and a kubelet's start waits for its dependencies. */
  private static final Duration LIMIT = Duration.ofSeconds(100);

  private final Node node;

  Systemctl(Node node) {
    this.node = node;
  }

  private CommandResult run(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("systemctl"));
    command.addAll(List.of(words));
    return node.run(LIMIT, command);
  }

  private void require(String... words) throws IOException {
    CommandResult result = run(words);
    if (!result.isOk()) {
      throw new IOException(
          "systemctl " + String.join(" ", words) + " failed: " + result.output().strip());
    }
  }

  void reload() throws IOException {
    require("daemon-reload");
  }

  void enable(String unit) throws IOException {
    require("enable", unit);
  }

  void enableNow(String unit) throws IOException {
    require("enable", "--now", unit);
  }

  void restart(String unit) throws IOException {
    require("restart", unit);
  }

  /** Reloads a unit: ExecReload of the proxy hands over. */
  void reload(String unit) throws IOException {
    require("reload", unit);
  }

  /** Stops and disables a unit, which may be missing. */
  void disableNow(String unit) throws IOException {
    CommandResult unused = run("disable", "--now", unit);
    if (isActive(unit)) {
      throw new IOException("systemctl disable --now " + unit + ": it still runs");
    }
  }

  void disable(String unit) throws IOException {
    CommandResult unused = run("disable", unit);
  }

  boolean isActive(String unit) throws IOException {
    return run("is-active", unit).isOk();
  }

  boolean isEnabled(String unit) throws IOException {
    return run("is-enabled", unit).isOk();
  }
}
