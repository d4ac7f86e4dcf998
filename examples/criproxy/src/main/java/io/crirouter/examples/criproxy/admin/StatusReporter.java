package io.crirouter.examples.criproxy.admin;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import io.crirouter.core.BackendStatistics;
import io.crirouter.examples.criproxy.admin.FailureCounts.Failures;
import io.crirouter.examples.criproxy.admin.StatusReport.Reload;
import io.crirouter.examples.criproxy.admin.StatusReport.RuntimeStatus;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.ReloadReport;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a {@link StatusReport} of the router and the configuration. */
final class StatusReporter {
  private final ProxyService proxy;
  private final FailureCounts failures;

  StatusReporter(ProxyService proxy, FailureCounts failures) {
    this.proxy = proxy;
    this.failures = failures;
  }

  StatusReport report(String version, Instant startedAt) {
    ProxyConfig config = proxy.config();
    Map<BackendName, BackendStatistics> counts = new HashMap<>();
    proxy.router().statistics().forEach(count -> counts.put(count.name(), count));
    List<RuntimeStatus> runtimes =
        proxy.router().backends().stream()
            .map(state -> runtime(state, counts.get(state.name())))
            .toList();
    return new StatusReport(
        version,
        ProcessHandle.current().pid(),
        Times.text(startedAt),
        config.listen().toString(),
        config.word("ids"),
        config.word("images"),
        config.stateFile().map(Object::toString).orElse(null),
        config.file().orElse(null),
        proxy.lastReload().map(StatusReporter::reload).orElse(null),
        runtimes);
  }

  private static Reload reload(ReloadReport report) {
    return new Reload(Times.text(report.at()), report.isApplied(), report.message());
  }

  private RuntimeStatus runtime(BackendState state, @Nullable BackendStatistics counts) {
    Failures failed = failures.of(state.name());
    return new RuntimeStatus(
        state.name().value(),
        state.isPrimary() ? "primary" : "secondary",
        word(state.phase()),
        Times.text(state.since()),
        state.reason(),
        state.address(),
        state.runtimeName(),
        state.runtimeVersion(),
        counts == null ? 0 : counts.podSandboxes(),
        counts == null ? 0 : counts.containers(),
        counts == null ? 0 : counts.images(),
        state.phase() == BackendState.Phase.LOST,
        failed == null ? 0 : failed.count(),
        failed == null ? null : failed.last());
  }

  /** The word for a phase in reports, {@code never-seen} for example. */
  static String word(BackendState.Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
