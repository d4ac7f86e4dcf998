package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.examples.criproxy.bootstrap.Journal.State;
import io.crirouter.examples.criproxy.bootstrap.JournalStep.Status;
import io.crirouter.proto.v1.PodSandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Installs the proxy on a node and reverts that. Every method may be called again. */
final class Bootstrap {
  private final Node node;
  private final InstallOptions options;
  private final Optional<Path> image;
  private final String version;
  private final Consumer<String> log;
  private final JournalFile file;
  private final Systemctl systemctl;

  /**
   * Makes one.
   *
   * @param image the unpacked tar.gz that runs now, if one does
   * @param version of this program
   * @param log what people read
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

  /** Finds out what an installation would change. */
  InstallPlan plan() throws IOException, InterruptedException, RefusedException {
    return InstallPlan.of(node, options, image);
  }

  /** What {@link #install()} would do now, with the exact difference of each file. */
  String describe() throws IOException, InterruptedException, RefusedException {
    Optional<Journal> installed = file.read().filter(journal -> journal.state() == State.INSTALLED);
    if (installed.isEmpty()) {
      return plan().describe();
    }
    ProxyFiles.requireWritten(node, options);
    return upgrade().describe(installed.get());
  }

  /** Installs the proxy, also if an earlier try was reverted. */
  boolean install() throws IOException, InterruptedException, RefusedException {
    return install(true);
  }

  /**
   * Installs the proxy, or goes on with an installation that was interrupted.
   *
   * @param retry whether to try again what was reverted
   * @return whether it is installed; if not, all is as before
   * @throws RefusedException if nothing was changed
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
                    + ". Mend that, and run \"criproxy bootstrap uninstall\", which forgets it");
          }
          return begin();
        }
        default ->
            throw new RefusedException(
                "an installation is being taken off this node: finish that first, by \"criproxy"
                    + " bootstrap uninstall\"");
      }
    } finally {
      lock.close();
    }
  }

  private boolean upgrade(Journal installed, boolean retry)
      throws IOException, InterruptedException, RefusedException {
    ProxyFiles.requireWritten(node, options);
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
    log.accept("going on with the installation of " + journal.startedAt());
    if (journal.step(StepKind.ARM_REVERT).status() != Status.PLANNED) {
      systemctl.restart(RevertTimer.TIMER);
    }
    return run(transaction(forgetOldPods(journal)));
  }

  /** What ran when an earlier run was interrupted need not run any more. */
  private static Journal forgetOldPods(Journal journal) {
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

  /** The timer does nothing any more; it just need not run. */
  private void disarm() {
    try {
      systemctl.disableNow(RevertTimer.TIMER);
    } catch (IOException e) {
      log.accept("the timer goes on, and will find nothing to revert: " + e.getMessage());
    }
  }

  /**
   * Undoes an installation that was not committed.
   *
   * @param byTimer whether time is up, so that an installer that still runs hangs
   * @throws RefusedException if there is something, but not to be reverted
   */
  void revert(boolean byTimer) throws IOException, InterruptedException, RefusedException {
    NodeFiles.Lock lock = byTimer ? BootstrapLock.takeAtLast(node) : BootstrapLock.take(node);
    try {
      Optional<Journal> journal = file.read();
      State state = journal.map(Journal::state).orElse(State.REVERTED);
      String now = byTimer ? "it was not committed in time" : "an operator asked for it";
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
            "it was installed and is being taken off: finish that by \"criproxy bootstrap"
                + " uninstall\"");
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
   * Takes the proxy off again. What others changed since is kept.
   *
   * @param drain whether pods of other runtimes are evicted; else they are a reason to refuse
   * @param force whether to go on though it cannot be found out whether there are such pods
   * @throws RefusedException if nothing was changed
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
        new Drain(node, journal.get(), log).around(() -> remove(journal.get()));
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
        log.accept("whether there are pods of other runtimes is not known: " + e.getMessage());
        return;
      }
      throw new RefusedException(
          "whether there are pods of other runtimes is not known ("
              + e.getMessage()
              + "): start the proxy, or repeat this with --force if there are none");
    }
    if (!pods.isEmpty()) {
      throw new RefusedException(
          "pods of other runtimes are here, and nobody would manage them without the proxy: "
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

  /** Looks whether all is as it should be; empty if nothing is installed. */
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
