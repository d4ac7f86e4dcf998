package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.examples.criproxy.bootstrap.Journal.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Puts another version in the place of a proxy that was installed from a tar.gz: the one that runs
 * hands over to it. It has a journal of its own, so that it is reverted without the installation.
 */
final class Upgrade {
  private final Node node;
  private final InstallOptions options;
  private final Optional<Path> image;
  private final Consumer<String> log;
  private final JournalFile installation;
  private final JournalFile file;

  /**
   * Makes one.
   *
   * @param image the unpacked tar.gz that runs now, if one does
   * @param log what people read
   */
  Upgrade(Node node, InstallOptions options, Optional<Path> image, Consumer<String> log) {
    this.node = node;
    this.options = options;
    this.image = image;
    this.log = log;
    this.installation = new JournalFile(node.files());
    this.file = new JournalFile(node.files(), JournalFile.UPGRADE);
  }

  /** What is known of one that was begun or reverted; empty if the last one was committed. */
  Optional<Journal> read() throws IOException, RefusedException {
    return file.read();
  }

  /** Whether one was begun, and is neither ended nor reverted. */
  boolean isUnderWay() throws IOException, RefusedException {
    return read().filter(journal -> journal.state() != State.REVERTED).isPresent();
  }

  /** Whether what runs now is another program than the one that was copied to the node. */
  private boolean isDue(Journal installed) throws IOException {
    if (image.isEmpty() || installed.steps(StepKind.COPY_PROGRAM).isEmpty()) {
      return false;
    }
    Path there = node.files().locate(ProxyProgram.FOLDER + ProxyProgram.JAR);
    Path here = image.get().resolve(ProxyProgram.JAR.substring(1));
    return !Files.exists(there) || Files.mismatch(there, here) >= 0;
  }

  /** What {@link #run} would do, with the exact difference of the unit. */
  String describe(Journal installed) throws IOException {
    if (!isDue(installed)) {
      return "# already installed, since " + installed.startedAt() + "\n";
    }
    return "# copy %s to %s and link it at %s%n%s# systemctl reload %s%n"
        .formatted(
            image.orElseThrow(),
            ProgramAction.free(node).get(0),
            ProxyProgram.FOLDER,
            unit(installed).map(FileChange::diff).orElse(""),
            ProxyProgram.UNIT);
  }

  /**
   * Upgrades the proxy if this is another program, or goes on with an upgrade to this version that
   * was interrupted.
   *
   * @param version of this program
   * @param retry whether to try again what was reverted
   * @return whether the proxy is of this program; if not, all is as before
   * @throws RefusedException if nothing was changed
   */
  boolean run(Journal installed, String version, boolean retry)
      throws IOException, InterruptedException, RefusedException {
    Journal settled = settle(installed, version);
    Optional<Journal> earlier = read();
    if (earlier.isPresent() && earlier.get().state() == State.INSTALLING) {
      log.accept("going on with the upgrade of " + earlier.get().startedAt());
      return resume(settled, earlier.get());
    }
    if (!isDue(settled)) {
      log.accept("already installed, since " + settled.startedAt());
      return true;
    }
    if (earlier.isPresent() && earlier.get().version().equals(version) && !retry) {
      throw new RefusedException(
          "an earlier upgrade to "
              + version
              + " was reverted: "
              + earlier.get().reason()
              + ". Mend that, and run \"criproxy bootstrap install\" without --no-retry");
    }
    Preflight.requireSpaceForProgram(node);
    Transaction transaction =
        transaction(settled.upgrade(version, node.now().toString(), unit(settled)));
    transaction.begin();
    return run(settled, transaction);
  }

  private boolean resume(Journal installed, Journal upgrade)
      throws IOException, InterruptedException, RefusedException {
    if (upgrade.step(StepKind.ARM_REVERT).status() != JournalStep.Status.PLANNED) {
      new Systemctl(node).restart(RevertTimer.TIMER);
    }
    return run(installed, transaction(upgrade));
  }

  private boolean run(Journal installed, Transaction transaction)
      throws IOException, InterruptedException, RefusedException {
    Optional<String> failure = transaction.install();
    if (failure.isPresent()) {
      undo(transaction.journal(), failure.get());
      return false;
    }
    Journal unused = commit(installed, transaction.journal());
    log.accept("upgraded to " + transaction.journal().version());
    return true;
  }

  private Transaction transaction(Journal journal) throws RefusedException {
    return new Transaction(node, file, journal, image, options, log);
  }

  /** What becomes of the unit, if the installation wrote it and nobody changed it. */
  private Optional<FileChange> unit(Journal installed) throws IOException {
    for (JournalStep written : installed.steps(StepKind.WRITE_FILE)) {
      String path = written.file().path();
      Optional<String> now = node.files().read(path);
      if (path.equals(ProxyProgram.OWN_UNIT)
          && now.equals(Optional.of(written.file().after()))
          && image.isPresent()) {
        ProxyProgram program =
            new ProxyProgram(ProxyProgram.FOLDER + ProxyProgram.LAUNCHER, path, image);
        FileChange change = new FileChange(path, now, program.unit(image.get()));
        return change.isEmpty() ? Optional.empty() : Optional.of(change);
      }
    }
    return Optional.empty();
  }

  /**
   * Ends what was interrupted and is not gone on with.
   *
   * @return the installation as it is then
   */
  private Journal settle(Journal installed, String version)
      throws IOException, InterruptedException, RefusedException {
    Optional<Journal> upgrade = read();
    State state = upgrade.map(Journal::state).orElse(State.REVERTED);
    if (state == State.INSTALLED) {
      return commit(installed, upgrade.orElseThrow());
    }
    if (state == State.INSTALLING && !upgrade.orElseThrow().version().equals(version)) {
      undo(upgrade.orElseThrow(), "one to " + version + " was asked for");
    } else if (state == State.REVERTING) {
      undo(upgrade.orElseThrow(), upgrade.orElseThrow().reason());
    }
    return installed;
  }

  private Journal commit(Journal installed, Journal upgrade) throws IOException {
    Journal upgraded = installed.upgraded(upgrade);
    installation.write(upgraded);
    forget();
    return upgraded;
  }

  /** Goes back to the program before, if an upgrade was begun and is not committed. */
  void revert(String reason) throws IOException, InterruptedException, RefusedException {
    Optional<Journal> upgrade = read();
    State state = upgrade.map(Journal::state).orElse(State.REVERTED);
    if (state == State.INSTALLED) {
      Journal unused = commit(installation.read().orElseThrow(), upgrade.orElseThrow());
    } else if (state != State.REVERTED) {
      String before = upgrade.orElseThrow().reason();
      undo(upgrade.orElseThrow(), before.isEmpty() ? reason : before);
    }
  }

  private void undo(Journal upgrade, String reason)
      throws IOException, InterruptedException, RefusedException {
    Transaction transaction = transaction(upgrade);
    transaction.undo(State.REVERTING, reason);
    transaction.reverted();
    log.accept("reverted: the proxy is of the version before");
  }

  /** Forgets one that was reverted. */
  void forget() throws IOException {
    file.delete();
  }
}
