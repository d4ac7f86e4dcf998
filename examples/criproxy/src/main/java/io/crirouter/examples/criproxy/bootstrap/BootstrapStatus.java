package io.crirouter.examples.criproxy.bootstrap;

import com.google.gson.GsonBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The state of an installation, as text or JSON. The names of the fields are the keys in JSON.
 *
 * @param state not-installed, or that of the journal in lower case
 * @param version the version of the program that installed it
 * @param since when the installation began
 * @param primary the endpoint that the kubelet had
 * @param proxy the endpoint of the proxy
 * @param kubeletUnit the unit of the kubelet
 * @param reason why it was reverted
 * @param upgrade an upgrade that was not committed; empty if there is none
 * @param steps the steps of the installation
 */
record BootstrapStatus(
    String state,
    String version,
    String since,
    String primary,
    String proxy,
    String kubeletUnit,
    String reason,
    String upgrade,
    List<Step> steps) {
  /**
   * A step.
   *
   * @param step what it does
   * @param status its progress
   */
  record Step(String step, String status) {}

  BootstrapStatus {
    steps = List.copyOf(steps);
  }

  static BootstrapStatus of(Optional<Journal> journal, Optional<Journal> upgrade) {
    if (journal.isEmpty()) {
      return new BootstrapStatus("not-installed", "", "", "", "", "", "", "", List.of());
    }
    Journal known = journal.get();
    List<Step> steps = new ArrayList<>();
    known.steps().forEach(step -> steps.add(new Step(step.toString(), lower(step.status()))));
    return new BootstrapStatus(
        lower(known.state()),
        known.version(),
        known.startedAt(),
        known.primary(),
        known.proxy(),
        known.kubeletUnit(),
        known.reason(),
        upgrade.map(BootstrapStatus::upgrade).orElse(""),
        steps);
  }

  private static String upgrade(Journal upgrade) {
    String reason = upgrade.reason().isEmpty() ? "" : ": " + upgrade.reason();
    return "to " + upgrade.version() + ", " + lower(upgrade.state()) + reason;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  String json() {
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(this) + "\n";
  }

  String text() {
    StringBuilder text = new StringBuilder(state).append('\n');
    if (version.isEmpty()) {
      return text.toString();
    }
    text.append("since    ").append(since).append(", by criproxy ").append(version).append('\n');
    text.append("primary  ").append(primary).append('\n');
    text.append("proxy    ").append(proxy).append('\n');
    text.append("kubelet  ").append(kubeletUnit).append('\n');
    if (!reason.isEmpty()) {
      text.append("reason   ").append(reason).append('\n');
    }
    if (!upgrade.isEmpty()) {
      text.append("upgrade  ").append(upgrade).append('\n');
    }
    steps.forEach(step -> text.append("%-8s %s%n".formatted(step.status(), step.step())));
    return text.toString();
  }
}
