package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.examples.criproxy.bootstrap.Journal.State;
import io.crirouter.examples.criproxy.bootstrap.JournalStep.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Does or undoes the steps of an installation. Each step is written to the journal before and
 * after. A later process can resume from the journal of a killed one, in either direction.
 */
final class Transaction {
  private final JournalFile file;
  private final Consumer<String> log;
  private final Map<StepKind, StepAction> actions = new EnumMap<>(StepKind.class);
  private Journal journal;

  /**
   * Resumes {@code journal}.
   *
   * @param file the file of the journal
   * @param image the unpacked tar.gz of this program, if it runs from one
   * @param options the timeouts
   * @param log prints a line for the operator
   */
  Transaction(
      Node node,
      JournalFile file,
      Journal journal,
      Optional<Path> image,
      InstallOptions options,
      Consumer<String> log)
      throws RefusedException {
    this.file = file;
    this.journal = journal;
    this.log = log;
    Systemctl systemctl = new Systemctl(node);
    Endpoint primary = journal.primaryEndpoint();
    Endpoint proxy = journal.proxyEndpoint();
    actions.put(StepKind.COPY_PROGRAM, new ProgramAction(node, image));
    actions.put(StepKind.SWITCH_PROGRAM, new ProgramAction.Switch(node));
    actions.put(StepKind.HAND_BACK, new ProxyAction.RestoreProgram(systemctl, this::journal));
    actions.put(StepKind.HAND_OVER, step -> systemctl.reload(ProxyProgram.UNIT));
    actions.put(StepKind.PROXY_BACK, new ProxyAction.Restore(systemctl));
    actions.put(StepKind.WRITE_FILE, new FileAction(node.files(), log));
    actions.put(StepKind.RELOAD_UNITS, step -> systemctl.reload());
    actions.put(StepKind.START_PROXY, new ProxyAction(node, systemctl));
    actions.put(StepKind.COMPARE_LISTS, new ListsAction(node, primary, proxy));
    actions.put(StepKind.REMEMBER_PODS, new KubeletAction.RecordPods(node, primary));
    actions.put(StepKind.ARM_REVERT, new TimerAction(systemctl));
    actions.put(
        StepKind.KUBELET_BACK,
        new KubeletAction.Restore(node, systemctl, this::journal, options.patience(), log));
    actions.put(StepKind.WRITE_ENDPOINT, new EndpointAction(node.files(), primary, proxy, log));
    actions.put(
        StepKind.RESTART_KUBELET,
        new KubeletAction.Restart(node, systemctl, journal.kubeletUnit()));
    actions.put(
        StepKind.WATCH_KUBELET, new KubeletAction.Watch(node, systemctl, this::journal, options));
  }

  Journal journal() {
    return journal;
  }

  private StepAction action(JournalStep step) {
    StepAction action = actions.get(step.kind());
    if (action == null) {
      throw new IllegalStateException("no action to " + step);
    }
    return action;
  }

  private void write(Journal next) throws IOException {
    file.write(next);
    journal = next;
  }

  /** Writes the journal for the first time. Changes nothing else. */
  void begin() throws IOException {
    file.write(journal);
  }

  /**
   * Does all remaining steps, and commits.
   *
   * @return why it failed, which is logged; empty if it is committed
   */
  Optional<String> install() throws InterruptedException {
    try {
      doSteps();
      return Optional.empty();
    } catch (IOException | RefusedException | RuntimeException e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      log.accept("FAILED: " + reason);
      return Optional.of(reason);
    }
  }

  private void doSteps() throws IOException, InterruptedException, RefusedException {
    for (int i = 0; i < journal.steps().size(); i++) {
      JournalStep step = journal.steps().get(i);
      if (step.status() == Status.DONE) {
        continue;
      }
      log.accept(step.toString());
      StepAction action = action(step);
      if (step.status() == Status.PLANNED) {
        step = step.begun(action.prepare());
        write(journal.with(i, step));
      }
      if (!action.isDone(step)) {
        action.perform(step);
      }
      write(journal.with(i, step.with(Status.DONE)));
    }
    // The installation is committed: the timer no longer reverts it.
    write(journal.with(State.INSTALLED));
  }

  /**
   * Undoes all steps that were begun, in reverse order. Goes on if the journal cannot be written: a
   * step may then be undone again, without effect.
   *
   * @param state REVERTING or UNINSTALLING
   */
  void undo(State state, String reason) throws IOException, InterruptedException, RefusedException {
    tryWrite(journal.with(state).withReason(reason));
    for (int i = journal.steps().size() - 1; i >= 0; i--) {
      JournalStep step = journal.steps().get(i);
      if (step.status() == Status.BEGUN || step.status() == Status.DONE) {
        log.accept("undo: " + step);
        action(step).undo(step);
        tryWrite(journal.with(i, step.with(Status.UNDONE)));
      }
    }
  }

  private void tryWrite(Journal next) {
    journal = next;
    try {
      file.write(next);
    } catch (IOException e) {
      log.accept("the journal cannot be written: " + e);
    }
  }

  /** Writes that all steps are undone. */
  void reverted() throws IOException {
    write(journal.with(State.REVERTED));
  }
}
