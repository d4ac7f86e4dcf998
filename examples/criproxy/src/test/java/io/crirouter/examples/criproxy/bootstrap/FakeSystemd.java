package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A fake of systemd. Timers use the monotonic clock of the node. */
final class FakeSystemd {
  private static final List<String> FOLDERS =
      List.of("/etc/systemd/system/", "/usr/lib/systemd/system/");

  private final FakeNode node;
  private final Set<String> enabled = new HashSet<>();
  private final Set<String> active = new HashSet<>();
  private final Map<String, Long> timers = new HashMap<>();

  FakeSystemd(FakeNode node) {
    this.node = node;
  }

  /** Runs {@code systemctl}. */
  CommandResult run(List<String> words) throws IOException {
    String verb = words.get(1);
    boolean isNow = words.contains("--now");
    String unit = words.get(words.size() - 1);
    switch (verb) {
      case "daemon-reload" -> {}
      case "show" -> {
        return show(words.get(2));
      }
      case "is-active" -> {
        return isActive(unit)
            ? new CommandResult(0, "active\n")
            : new CommandResult(3, "inactive\n");
      }
      case "is-enabled" -> {
        return enabled.contains(unit)
            ? new CommandResult(0, "enabled\n")
            : new CommandResult(1, "disabled\n");
      }
      case "enable" -> {
        require(unit);
        enabled.add(unit);
        if (isNow) {
          start(unit);
        }
      }
      case "disable" -> {
        enabled.remove(unit);
        if (isNow) {
          stop(unit);
        }
      }
      case "start" -> start(unit);
      case "restart" -> {
        stop(unit);
        start(unit);
      }
      case "stop" -> stop(unit);
      case "reload" -> node.proxyService().handOver();
      default -> throw new AssertionError("systemctl " + verb + " is not known here");
    }
    return new CommandResult(0, "");
  }

  private CommandResult show(String unit) {
    if (!unit.equals("kubelet.service")) {
      return new CommandResult(0, "FragmentPath=\nDropInPaths=\n");
    }
    return new CommandResult(
        0,
        """
        FragmentPath=/lib/systemd/system/kubelet.service
        DropInPaths=/etc/systemd/system/kubelet.service.d/10-kubeadm.conf
        EnvironmentFiles=/var/lib/kubelet/kubeadm-flags.env (ignore_errors=yes)
        EnvironmentFiles=/etc/default/kubelet (ignore_errors=yes)
        """);
  }

  private String require(String unit) throws IOException {
    for (String folder : FOLDERS) {
      if (node.files().exists(folder + unit)) {
        return node.files().read(folder + unit).orElseThrow();
      }
    }
    throw new IOException("Unit " + unit + " not found.");
  }

  private void start(String unit) throws IOException {
    if (unit.equals("kubelet.service")) {
      node.kubelet().start();
      return;
    }
    String text = require(unit);
    if (!active.add(unit)) {
      return;
    }
    if (unit.endsWith(".timer")) {
      Matcher seconds = Pattern.compile("(?m)^OnActiveSec=(\\d+)$").matcher(text);
      if (!seconds.find()) {
        throw new AssertionError("the timer is not monotonic: " + text);
      }
      timers.put(unit, node.nanoTime() + Long.parseLong(seconds.group(1)) * 1_000_000_000L);
    } else if (unit.equals(ProxyProgram.UNIT)) {
      node.proxyService().start();
    }
  }

  private void stop(String unit) {
    active.remove(unit);
    timers.remove(unit);
    if (unit.equals(ProxyProgram.UNIT)) {
      node.proxyService().stop();
    }
  }

  boolean isActive(String unit) {
    return unit.equals("kubelet.service") ? node.kubelet().starts() > 0 : active.contains(unit);
  }

  boolean isEnabled(String unit) {
    return enabled.contains(unit);
  }

  /** Whether a timer is due. Resets it. */
  boolean takeDue() {
    return timers.values().removeIf(due -> node.nanoTime() - due >= 0);
  }

  /** Starts the enabled units, as after a reboot. */
  void boot() throws IOException {
    active.clear();
    timers.clear();
    node.proxyService().stop();
    for (String unit : List.copyOf(enabled)) {
      start(unit);
    }
    node.kubelet().start();
  }

  @Override
  public String toString() {
    return "enabled " + new TreeSet<>(enabled) + ", active " + new TreeSet<>(active);
  }
}
