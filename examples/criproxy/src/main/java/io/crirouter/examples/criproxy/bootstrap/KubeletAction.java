package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The steps that concern the kubelet: restart it, watch it, restore its endpoint. */
final class KubeletAction {
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final int MAX_NAMED = 5;
  private static final String PROCESS = "process";

  private KubeletAction() {}

  private static String process(Node node) throws IOException {
    try {
      NodeProcess process = KubeletProcess.find(node).process();
      return process.pid() + " started " + process.started();
    } catch (RefusedException e) {
      return "none";
    }
  }

  /** The only restart of an installation. */
  static final class Restart implements StepAction {
    private final Node node;
    private final Systemctl systemctl;
    private final String unit;

    Restart(Node node, Systemctl systemctl, String unit) {
      this.node = node;
      this.systemctl = systemctl;
      this.unit = unit;
    }

    @Override
    public Map<String, String> prepare() throws IOException {
      return Map.of(PROCESS, process(node));
    }

    @Override
    public boolean isDone(JournalStep step) throws IOException {
      String now = process(node);
      return !now.equals("none") && !now.equals(step.facts().get(PROCESS));
    }

    @Override
    public void perform(JournalStep step) throws IOException {
      systemctl.restart(unit);
    }
  }

  /**
   * Undo restores the endpoint also in files that others, such as kubeadm, have written since, and
   * restarts the kubelet. It runs after the kubelet's own files are restored.
   */
  static final class Restore implements StepAction {
    private final Node node;
    private final Systemctl systemctl;
    private final Supplier<Journal> journal;
    private final Duration patience;
    private final Consumer<String> log;

    Restore(
        Node node,
        Systemctl systemctl,
        Supplier<Journal> journal,
        Duration patience,
        Consumer<String> log) {
      this.node = node;
      this.systemctl = systemctl;
      this.journal = journal;
      this.patience = patience;
      this.log = log;
    }

    @Override
    public void perform(JournalStep step) {}

    @Override
    public void undo(JournalStep step) throws IOException, InterruptedException, RefusedException {
      boolean wasTouched =
          journal.get().steps(StepKind.WRITE_ENDPOINT).stream()
              .anyMatch(write -> write.status() != JournalStep.Status.PLANNED);
      if (!wasTouched) {
        return;
      }
      restoreOtherFiles();
      String unit = journal.get().kubeletUnit();
      systemctl.restart(unit);
      Optional<String> problem = new KubeletHealth(node, systemctl, unit).await(patience);
      problem.ifPresent(
          reason ->
              log.accept("the kubelet has its old endpoint again, but is not healthy: " + reason));
    }

    private void restoreOtherFiles() throws IOException, RefusedException {
      Endpoint primary = journal.get().primaryEndpoint();
      Endpoint proxy = journal.get().proxyEndpoint();
      EndpointPlaces places;
      try {
        places = EndpointPlaces.of(node, KubeletProcess.find(node));
      } catch (RefusedException e) {
        log.accept("cannot find other files with the endpoint: " + e.getMessage());
        return;
      }
      for (EndpointPlace place : places.all()) {
        if (proxy.isWrittenAs(place.value())) {
          String text = node.files().read(place.path()).orElse("");
          node.files().write(place.path(), place.edit(text, primary.toString()));
          log.accept("restored the endpoint in " + place.path() + " too");
        }
      }
    }
  }

  /** Records the running pods and containers before the kubelet is changed. */
  static final class RecordPods implements StepAction {
    private final Node node;
    private final Endpoint primary;

    RecordPods(Node node, Endpoint primary) {
      this.node = node;
      this.primary = primary;
    }

    @Override
    public Map<String, String> prepare() throws IOException, InterruptedException {
      try (RuntimeLink runtime = RuntimeLink.open(node, primary)) {
        return PodSnapshot.take(runtime, node.now()).facts();
      }
    }

    @Override
    public void perform(JournalStep step) {}
  }

  /** Waits until the kubelet is healthy, watches it for a while, and compares the running pods. */
  static final class Watch implements StepAction {
    private final Node node;
    private final Systemctl systemctl;
    private final Supplier<Journal> journal;
    private final InstallOptions options;

    Watch(Node node, Systemctl systemctl, Supplier<Journal> journal, InstallOptions options) {
      this.node = node;
      this.systemctl = systemctl;
      this.journal = journal;
      this.options = options;
    }

    @Override
    public void perform(JournalStep step)
        throws IOException, InterruptedException, RefusedException {
      KubeletHealth health = new KubeletHealth(node, systemctl, journal.get().kubeletUnit());
      require("after its restart", health.await(options.patience()));
      long end = node.nanoTime() + options.settle().toNanos();
      while (node.nanoTime() - end < 0) {
        node.pause(PAUSE);
        require("some seconds after its restart", health.await(options.patience()));
      }
      Endpoint inForce = Kubelet.detectAndVerify(node).endpoint();
      if (!inForce.equals(journal.get().proxyEndpoint())) {
        throw new IOException("the kubelet uses " + inForce + ", not the proxy");
      }
      if (!systemctl.isActive(ProxyProgram.UNIT)) {
        throw new IOException("the proxy is no longer running");
      }
      requireSamePods(journal.get().primaryEndpoint());
      requireSamePods(journal.get().proxyEndpoint());
    }

    private static void require(String when, Optional<String> problem) throws IOException {
      if (problem.isPresent()) {
        throw new IOException("the kubelet is not healthy " + when + ": " + problem.get());
      }
    }

    private void requireSamePods(Endpoint endpoint) throws IOException, InterruptedException {
      PodSnapshot before = new PodSnapshot(journal.get().step(StepKind.REMEMBER_PODS).facts());
      List<String> differences = new ArrayList<>();
      try (RuntimeLink runtime = RuntimeLink.open(node, endpoint)) {
        differences.addAll(before.differences(runtime));
      }
      if (!differences.isEmpty()) {
        throw new IOException(
            "pods or containers that ran before have changed: "
                + String.join(
                    "; ", differences.subList(0, Math.min(MAX_NAMED, differences.size()))));
      }
    }
  }
}
