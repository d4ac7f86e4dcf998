package io.crirouter.examples.criproxy.bootstrap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The state of an installation, which is saved as JSON. Immutable.
 *
 * @param format the format of this record, for programs of other versions
 * @param state the progress of the installation
 * @param version the version of the program that began it
 * @param startedAt when it began, as text for operators
 * @param primary the former endpoint of the kubelet
 * @param proxy the endpoint of the proxy
 * @param kubeletUnit the unit of the kubelet
 * @param steps the steps, in their order
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

  /** The progress of an installation. */
  enum State {
    /** Is resumed with the next step, or reverted by the timer. */
    INSTALLING,
    INSTALLED,
    /** Has failed, and is resumed until all steps are undone. */
    REVERTING,
    REVERTED,
    UNINSTALLING
  }

  Journal {
    steps = List.copyOf(steps);
  }

  /** The journal of a new installation. */
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
   * The journal of a new upgrade of this installation.
   *
   * @param to the version of the new program
   * @param unit the change of the unit, if any
   */
  Journal upgrade(String to, String now, Optional<FileChange> unit) {
    List<JournalStep> steps = new ArrayList<>();
    steps.add(JournalStep.of(StepKind.COPY_PROGRAM));
    steps.add(JournalStep.of(StepKind.ARM_REVERT));
    steps.add(JournalStep.of(StepKind.HAND_BACK));
    steps.add(JournalStep.of(StepKind.SWITCH_PROGRAM));
    unit.ifPresent(file -> steps.add(JournalStep.of(StepKind.WRITE_FILE, file)));
    steps.add(JournalStep.of(StepKind.RELOAD_UNITS));
    steps.add(JournalStep.of(StepKind.HAND_OVER));
    steps.add(JournalStep.of(StepKind.COMPARE_LISTS));
    return new Journal(FORMAT, State.INSTALLING, to, now, primary, proxy, kubeletUnit, steps, "");
  }

  /** This installation with the version and files of {@code upgrade}. */
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

  Journal withReason(String why) {
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

  /** The former endpoint of the kubelet. */
  Endpoint primaryEndpoint() throws RefusedException {
    return Endpoint.parse(primary);
  }

  /** The endpoint of the proxy. */
  Endpoint proxyEndpoint() throws RefusedException {
    return Endpoint.parse(proxy);
  }
}
