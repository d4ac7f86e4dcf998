package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.examples.criproxy.bootstrap.Journal.State;
import io.crirouter.examples.criproxy.bootstrap.JournalStep.Status;
import io.crirouter.proto.v1.PodSandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Installs the proxy on a node, and uninstalls it. Each method can be repeated. */
final class Bootstrap {
  private final Node node;
  private final InstallOptions options;
  private final Optional<Path> image;
  private final String version;
  private final Consumer<String> log;
  private final JournalFile file;
  private final Systemctl systemctl;

  /**
   * @param image the unpacked tar.gz of this program, if it runs from one
   * @param version the version of this program
   * @param log prints a line for the operator
   */
  Bootstrap(
      Node node,
      InstallOptions options,
      Optional<Path> image,
      String version,
      Consumer<String> log) {
    this.node = node;
    this.options = options;
    this.image = image;
    this.version = version;
    this.log = log;
    this.file = new JournalFile(node.files());
    this.systemctl = new Systemctl(node);
  }

  /** Plans an installation without changing anything. */
  InstallPlan plan() throws IOException, InterruptedException, RefusedException {
    return InstallPlan.of(node, options, image);
  }

  /** Describes what {@link #install()} would do, with the diff of each file. */
  String describe() throws IOException, InterruptedException, RefusedException {
    Optional<Journal> installed = file.read().filter(journal -> journal.state() == State.INSTALLED);
    if (installed.isEmpty()) {
      return plan().describe();
    }
    ProxyFiles.requireConfigured(node, options);
    return upgrade().describe(installed.get());
  }

  /** Installs the proxy, also if an earlier installation was reverted. */
  boolean install() throws IOException, InterruptedException, RefusedException {
    return install(true);
  }

  /**
   * Installs the proxy, or resumes an interrupted installation.
   *
   * @param retry whether to repeat an installation that was reverted
   * @return whether it is installed; if not, all changes are reverted
   * @throws RefusedException if it was refused and nothing was changed
   */
  boolean install(boolean retry) throws IOException, InterruptedException, RefusedException {
    NodeFiles.Lock lock = BootstrapLock.take(node);
    try {
      Optional<Journal> earlier = file.read();
      State state = earlier.map(Journal::state).orElse(State.REVERTED);
      switch (state) {
        case INSTALLED -> {
          return upgrade(earlier.orElseThrow(), retry);
        }
        case INSTALLING -> {
          return resume(earlier.orElseThrow());
        }
        case REVERTED -> {
          if (earlier.isPresent() && !retry) {
            throw new RefusedException(
                "an earlier installation was reverted: "
                    + earlier.get().reason()
                    + ". Fix that, and run \"criproxy bootstrap uninstall\", which clears it");
          }
          return begin();
        }
        default ->
            throw new RefusedException(
                "an earlier uninstall was interrupted: finish it first, by \"criproxy bootstrap"
                    + " uninstall\"");
      }
    } finally {
      lock.close();
    }
  }

  private boolean upgrade(Journal installed, boolean retry)
      throws IOException, InterruptedException, RefusedException {
    ProxyFiles.requireConfigured(node, options);
    boolean isThisProgram = upgrade().run(installed, version, retry);
    disarm();
    return isThisProgram;
  }

  private Upgrade upgrade() {
    return new Upgrade(node, options, image, log);
  }

  private boolean begin() throws IOException, InterruptedException, RefusedException {
    InstallPlan plan = plan();
    Preflight.require(node, plan, options);
    Transaction transaction = transaction(Journal.of(plan, version, node.now().toString()));
    transaction.begin();
    return run(transaction);
  }

  private boolean resume(Journal journal)
      throws IOException, InterruptedException, RefusedException {
    log.accept("resuming the installation of " + journal.startedAt());
    if (journal.step(StepKind.ARM_REVERT).status() != Status.PLANNED) {
      systemctl.restart(RevertTimer.TIMER);
    }
    return run(transaction(resetPods(journal)));
  }

  /** Discards the recorded pods of an interrupted run if the kubelet was not restarted yet. */
  private static Journal resetPods(Journal journal) {
    if (journal.step(StepKind.RESTART_KUBELET).status() != Status.PLANNED) {
      return journal;
    }
    JournalStep pods = journal.step(StepKind.REMEMBER_PODS);
    return journal.with(journal.steps().indexOf(pods), JournalStep.of(StepKind.REMEMBER_PODS));
  }

  private Transaction transaction(Journal journal) throws RefusedException {
    return new Transaction(node, file, journal, image, options, log);
  }

  private boolean run(Transaction transaction)
      throws IOException, InterruptedException, RefusedException {
    Optional<String> failure = transaction.install();
    if (failure.isPresent()) {
      log.accept("reverting");
      transaction.undo(State.REVERTING, failure.get());
      transaction.reverted();
      log.accept("reverted: the kubelet uses " + transaction.journal().primary() + " as before");
      return false;
    }
    disarm();
    log.accept("installed: the kubelet uses " + transaction.journal().proxy());
    return true;
  }

  /** Stops the timer. It would find nothing to revert. */
  private void disarm() {
    try {
      systemctl.disableNow(RevertTimer.TIMER);
    } catch (IOException e) {
      log.accept("cannot stop the timer, which will find nothing to revert: " + e.getMessage());
    }
  }

  /**
   * Reverts an installation that was not committed.
   *
   * @param byTimer whether the time limit has passed, so that a running installer hangs
   * @throws RefusedException if an uninstall was interrupted
   */
  void revert(boolean byTimer) throws IOException, InterruptedException, RefusedException {
    NodeFiles.Lock lock = byTimer ? BootstrapLock.takeByForce(node) : BootstrapLock.take(node);
    try {
      Optional<Journal> journal = file.read();
      State state = journal.map(Journal::state).orElse(State.REVERTED);
      String now = byTimer ? "it was not committed in time" : "an operator requested it";
      if (state == State.INSTALLED && upgrade().isUnderWay()) {
        upgrade().revert(now);
        disarm();
        return;
      }
      if (List.of(State.INSTALLED, State.REVERTED).contains(state)) {
        log.accept("nothing to revert");
        disarm();
        return;
      }
      if (state == State.UNINSTALLING) {
        throw new RefusedException(
            "an uninstall was interrupted: finish it by \"criproxy bootstrap uninstall\"");
      }
      Transaction transaction = transaction(journal.orElseThrow());
      String before = transaction.journal().reason();
      transaction.undo(State.REVERTING, before.isEmpty() ? now : before);
      transaction.reverted();
      log.accept("reverted: the kubelet uses " + transaction.journal().primary() + " as before");
    } finally {
      lock.close();
    }
  }

  /**
   * Uninstalls the proxy. Later changes of its files by others are kept.
   *
   * @param drain whether to evict pods of other runtimes; else it is refused while there are any
   * @param force whether to go on if these pods cannot be listed
   * @throws RefusedException if it was refused and nothing was changed
   */
  void uninstall(boolean drain, boolean force)
      throws IOException, InterruptedException, RefusedException {
    NodeFiles.Lock lock = BootstrapLock.take(node);
    try {
      upgrade().revert("it is uninstalled");
      Optional<Journal> journal = file.read();
      if (journal.isEmpty()) {
        log.accept("not installed");
        return;
      }
      State state = journal.get().state();
      if (state == State.INSTALLED && drain) {
        new Drain(node, journal.get(), log).runDrained(() -> remove(journal.get()));
        return;
      }
      if (state == State.INSTALLED) {
        requireNoOtherPods(journal.get(), force);
      }
      remove(journal.get());
    } finally {
      lock.close();
    }
  }

  private void requireNoOtherPods(Journal journal, boolean force)
      throws InterruptedException, RefusedException {
    List<PodSandbox> pods;
    try {
      pods = OtherPods.list(node, journal);
    } catch (IOException e) {
      if (force) {
        log.accept("cannot list the pods of other runtimes: " + e.getMessage());
        return;
      }
      throw new RefusedException(
          "cannot list the pods of other runtimes ("
              + e.getMessage()
              + "): start the proxy, or repeat this with --force if there are none");
    }
    if (!pods.isEmpty()) {
      throw new RefusedException(
          "pods of other runtimes run here, which the kubelet cannot manage without the proxy: "
              + OtherPods.names(pods)
              + ". Delete them, or repeat this with --drain, which evicts them");
    }
  }

  private void remove(Journal journal) throws IOException, InterruptedException, RefusedException {
    Transaction transaction = transaction(journal);
    if (journal.state() != State.REVERTED) {
      transaction.undo(State.UNINSTALLING, journal.reason());
      log.accept("removed: the kubelet uses " + journal.primary());
    }
    upgrade().forget();
    file.delete();
  }

  /** Checks an installation; empty if nothing is installed. */
  List<Verification.Finding> verify() throws IOException, InterruptedException, RefusedException {
    Optional<Journal> journal = file.read();
    return journal.isEmpty() || journal.get().state() == State.REVERTED
        ? List.of()
        : Verification.of(node, journal.get(), upgrade());
  }

  BootstrapStatus status() throws IOException, RefusedException {
    return BootstrapStatus.of(file.read(), upgrade().read());
  }
}
