package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Restarts the kubelet, and watches it afterwards. */
final class KubeletAction {
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final int NAMED = 5;
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
   * Brings the kubelet back to the primary, once its files are restored: also where others wrote
   * the proxy's endpoint since, as kubeadm does.
   */
  static final class Back implements StepAction {
    private final Node node;
    private final Systemctl systemctl;
    private final Supplier<Journal> journal;
    private final Duration patience;
    private final Consumer<String> log;

    Back(
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
      restoreElsewhere();
      String unit = journal.get().kubeletUnit();
      systemctl.restart(unit);
      Optional<String> why = new KubeletHealth(node, systemctl, unit).await(patience);
      why.ifPresent(
          reason ->
              log.accept("the kubelet has its old endpoint again, but is not well: " + reason));
    }

    private void restoreElsewhere() throws IOException, RefusedException {
      Endpoint primary = journal.get().primaryEndpoint();
      Endpoint proxy = journal.get().proxyEndpoint();
      EndpointPlaces places;
      try {
        places = EndpointPlaces.of(node, KubeletProcess.find(node));
      } catch (RefusedException e) {
        log.accept("where else the endpoint is written was not looked at: " + e.getMessage());
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

  /** Remembers what runs before the kubelet is touched. */
  static final class RememberPods implements StepAction {
    private final Node node;
    private final Endpoint primary;

    RememberPods(Node node, Endpoint primary) {
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

  /**
   * Waits until the kubelet is well, watches it for a while, and looks whether a pod was touched.
   */
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
      Endpoint inForce = Kubelet.detectAndAsk(node).endpoint();
      if (!inForce.equals(journal.get().proxyEndpoint())) {
        throw new IOException("the kubelet uses " + inForce + ", not the proxy");
      }
      if (!systemctl.isActive(ProxyProgram.UNIT)) {
        throw new IOException("the proxy does not run any more");
      }
      requireSamePods(journal.get().primaryEndpoint());
      requireSamePods(journal.get().proxyEndpoint());
    }

    private static void require(String when, Optional<String> why) throws IOException {
      if (why.isPresent()) {
        throw new IOException("the kubelet is not well " + when + ": " + why.get());
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
            "what ran before does not run now as it did: "
                + String.join("; ", differences.subList(0, Math.min(NAMED, differences.size()))));
      }
    }
  }
}
