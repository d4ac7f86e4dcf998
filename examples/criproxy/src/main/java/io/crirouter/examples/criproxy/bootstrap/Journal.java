package io.crirouter.examples.criproxy.bootstrap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that is known about an installation. Immutable; each step of it makes another one.
 *
 * @param format of this record, for programs of other versions
 * @param state how far the installation is
 * @param version of the program that began it
 * @param startedAt when, for people to read
 * @param primary the endpoint that the kubelet had
 * @param proxy the endpoint that it gets
 * @param kubeletUnit the unit that starts it
 * @param steps what was or is to be done
 * @param reason why it was reverted; empty if it was not
 */
record Journal(
    int format,
    State state,
    String version,
    String startedAt,
    String primary,
    String proxy,
    String kubeletUnit,
    List<JournalStep> steps,
    String reason) {
  static final int FORMAT = 1;

  /** How far an installation is. */
  enum State {
    /** Goes on with the next step, or is reverted by the timer. */
    INSTALLING,
    INSTALLED,
    /** Something went wrong; goes on until all is undone. */
    REVERTING,
    REVERTED,
    UNINSTALLING
  }

  Journal {
    steps = List.copyOf(steps);
  }

  /** The journal of an installation that was not begun. */
  static Journal of(InstallPlan plan, String version, String now) {
    List<JournalStep> steps = new ArrayList<>();
    if (plan.program().source().isPresent()) {
      steps.add(JournalStep.of(StepKind.COPY_PROGRAM));
      steps.add(JournalStep.of(StepKind.SWITCH_PROGRAM));
    }
    steps.add(JournalStep.of(StepKind.PROXY_BACK));
    plan.proxyFiles().forEach(file -> steps.add(JournalStep.of(StepKind.WRITE_FILE, file)));
    plan.timerFiles().forEach(file -> steps.add(JournalStep.of(StepKind.WRITE_FILE, file)));
    steps.add(JournalStep.of(StepKind.RELOAD_UNITS));
    steps.add(JournalStep.of(StepKind.START_PROXY));
    steps.add(JournalStep.of(StepKind.COMPARE_LISTS));
    steps.add(JournalStep.of(StepKind.REMEMBER_PODS));
    steps.add(JournalStep.of(StepKind.ARM_REVERT));
    steps.add(JournalStep.of(StepKind.KUBELET_BACK));
    plan.endpointFiles().forEach(file -> steps.add(JournalStep.of(StepKind.WRITE_ENDPOINT, file)));
    steps.add(JournalStep.of(StepKind.RESTART_KUBELET));
    steps.add(JournalStep.of(StepKind.WATCH_KUBELET));
    return new Journal(
        FORMAT,
        State.INSTALLING,
        version,
        now,
        plan.kubelet().endpoint().toString(),
        plan.proxy().toString(),
        plan.kubelet().process().unit(),
        steps,
        "");
  }

  /**
   * The journal of an upgrade of this installation that was not begun.
   *
   * @param by the version of the new program
   * @param unit how the unit changes, if it does
   */
  Journal upgrade(String by, String now, Optional<FileChange> unit) {
    List<JournalStep> steps = new ArrayList<>();
    steps.add(JournalStep.of(StepKind.COPY_PROGRAM));
    steps.add(JournalStep.of(StepKind.ARM_REVERT));
    steps.add(JournalStep.of(StepKind.HAND_BACK));
    steps.add(JournalStep.of(StepKind.SWITCH_PROGRAM));
    unit.ifPresent(file -> steps.add(JournalStep.of(StepKind.WRITE_FILE, file)));
    steps.add(JournalStep.of(StepKind.RELOAD_UNITS));
    steps.add(JournalStep.of(StepKind.HAND_OVER));
    steps.add(JournalStep.of(StepKind.COMPARE_LISTS));
    return new Journal(FORMAT, State.INSTALLING, by, now, primary, proxy, kubeletUnit, steps, "");
  }

  /** This installation after {@code upgrade}, as if it had been done so from the start. */
  Journal upgraded(Journal upgrade) {
    List<JournalStep> changed = new ArrayList<>(steps);
    for (JournalStep written : upgrade.steps(StepKind.WRITE_FILE)) {
      changed.replaceAll(step -> step.writesSame(written) ? step.rewritten(written) : step);
    }
    return new Journal(
        format, state, upgrade.version(), startedAt, primary, proxy, kubeletUnit, changed, reason);
  }

  Journal with(State other) {
    return new Journal(
        format, other, version, startedAt, primary, proxy, kubeletUnit, steps, reason);
  }

  Journal because(String why) {
    return new Journal(format, state, version, startedAt, primary, proxy, kubeletUnit, steps, why);
  }

  Journal with(int index, JournalStep step) {
    List<JournalStep> changed = new ArrayList<>(steps);
    changed.set(index, step);
    return new Journal(
        format, state, version, startedAt, primary, proxy, kubeletUnit, changed, reason);
  }

  /** The only step of a kind. */
  JournalStep step(StepKind kind) {
    return steps.stream()
        .filter(step -> step.kind() == kind)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the journal has no step to " + kind));
  }

  List<JournalStep> steps(StepKind kind) {
    return steps.stream().filter(step -> step.kind() == kind).toList();
  }

  /** The runtime that the kubelet used before. */
  Endpoint primaryEndpoint() throws RefusedException {
    return Endpoint.parse(primary);
  }

  /** Where the proxy listens. */
  Endpoint proxyEndpoint() throws RefusedException {
    return Endpoint.parse(proxy);
  }
}
