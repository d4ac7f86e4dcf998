package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;

/** Starts the proxy, and enables its start at boot. */
final class ProxyAction implements StepAction {
  private static final String RAN = "ran";
  private static final String ENABLED = "enabled";
  private static final String STATE_FILE = "stateFile";

  private final Node node;
  private final Systemctl systemctl;

  ProxyAction(Node node, Systemctl systemctl) {
    this.node = node;
    this.systemctl = systemctl;
  }

  @Override
  public Map<String, String> prepare() throws IOException, RefusedException {
    return Map.of(
        RAN, String.valueOf(systemctl.isActive(ProxyProgram.UNIT)),
        ENABLED, String.valueOf(systemctl.isEnabled(ProxyProgram.UNIT)),
        STATE_FILE, ProxyFiles.stateFile(node).orElse(""));
  }

  @Override
  public void perform(JournalStep step) throws IOException {
    systemctl.enable(ProxyProgram.UNIT);
    systemctl.restart(ProxyProgram.UNIT);
  }

  /**
   * Stops it, unless it ran before. Deletes its state file, because a later proxy would list the
   * pods in it until it has contacted their runtimes.
   */
  @Override
  public void undo(JournalStep step) throws IOException {
    boolean wasEnabled = Boolean.parseBoolean(step.facts().get(ENABLED));
    String stateFile = step.facts().getOrDefault(STATE_FILE, "");
    if (!Boolean.parseBoolean(step.facts().get(RAN))) {
      systemctl.disableNow(ProxyProgram.UNIT);
      if (!stateFile.isEmpty()) {
        node.files().delete(stateFile);
      }
    }
    if (!wasEnabled) {
      systemctl.disable(ProxyProgram.UNIT);
    } else {
      systemctl.enable(ProxyProgram.UNIT);
    }
  }

  /** Undo restarts the former program, if there was a hand-over from it. */
  static final class RestoreProgram implements StepAction {
    private final Systemctl systemctl;
    private final Supplier<Journal> journal;

    RestoreProgram(Systemctl systemctl, Supplier<Journal> journal) {
      this.systemctl = systemctl;
      this.journal = journal;
    }

    @Override
    public void perform(JournalStep step) {}

    @Override
    public void undo(JournalStep step) throws IOException {
      systemctl.reload();
      if (journal.get().step(StepKind.HAND_OVER).status() != JournalStep.Status.PLANNED) {
        systemctl.restart(ProxyProgram.UNIT);
      }
    }
  }

  /** Undo reloads the restored units, and restarts the proxy if it ran before. */
  static final class Restore implements StepAction {
    private final Systemctl systemctl;

    Restore(Systemctl systemctl) {
      this.systemctl = systemctl;
    }

    @Override
    public Map<String, String> prepare() throws IOException {
      return Map.of(RAN, String.valueOf(systemctl.isActive(ProxyProgram.UNIT)));
    }

    @Override
    public void perform(JournalStep step) {}

    @Override
    public void undo(JournalStep step) throws IOException {
      systemctl.reload();
      if (Boolean.parseBoolean(step.facts().get(RAN))) {
        systemctl.restart(ProxyProgram.UNIT);
      }
    }
  }
}
