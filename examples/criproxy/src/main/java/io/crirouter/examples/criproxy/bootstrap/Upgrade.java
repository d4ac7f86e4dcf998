package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.examples.criproxy.bootstrap.Journal.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Upgrades a proxy that was installed from a tar.gz, by a hand-over from the running program. An
 * upgrade has its own journal, so that it can be reverted without the installation.
 */
final class Upgrade {
  private final Node node;
  private final InstallOptions options;
  private final Optional<Path> image;
  private final Consumer<String> log;
  private final JournalFile installation;
  private final JournalFile file;

  /**
   * @param image the unpacked tar.gz of this program, if it runs from one
   * @param log prints a line for the operator
   */
  Upgrade(Node node, InstallOptions options, Optional<Path> image, Consumer<String> log) {
    this.node = node;
    this.options = options;
    this.image = image;
    this.log = log;
    this.installation = new JournalFile(node.files());
    this.file = new JournalFile(node.files(), JournalFile.UPGRADE);
  }

  /** The journal of the last upgrade; empty if it was committed. */
  Optional<Journal> read() throws IOException, RefusedException {
    return file.read();
  }

  /** Whether an upgrade was begun, and is neither committed nor reverted. */
  boolean isUnderWay() throws IOException, RefusedException {
    return read().filter(journal -> journal.state() != State.REVERTED).isPresent();
  }

  /** Whether this program differs from the one that was copied to the node. */
  private boolean isDue(Journal installed) throws IOException {
    if (image.isEmpty() || installed.steps(StepKind.COPY_PROGRAM).isEmpty()) {
      return false;
    }
    Path installedJar = node.files().locate(ProxyProgram.FOLDER + ProxyProgram.JAR);
    Path newJar = image.get().resolve(ProxyProgram.JAR.substring(1));
    return !Files.exists(installedJar) || Files.mismatch(installedJar, newJar) >= 0;
  }

  /** Describes what {@link #run} would do, with the diff of the unit. */
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
   * Upgrades the proxy if this is another program, or resumes an interrupted upgrade to this
   * version.
   *
   * @param version the version of this program
   * @param retry whether to repeat an upgrade that was reverted
   * @return whether the proxy runs this program; if not, all changes are reverted
   * @throws RefusedException if it was refused and nothing was changed
   */
  boolean run(Journal installed, String version, boolean retry)
      throws IOException, InterruptedException, RefusedException {
    Journal present = finishInterrupted(installed, version);
    Optional<Journal> earlier = read();
    if (earlier.isPresent() && earlier.get().state() == State.INSTALLING) {
      log.accept("resuming the upgrade of " + earlier.get().startedAt());
      return resume(present, earlier.get());
    }
    if (!isDue(present)) {
      log.accept("already installed, since " + present.startedAt());
      return true;
    }
    if (earlier.isPresent() && earlier.get().version().equals(version) && !retry) {
      throw new RefusedException(
          "an earlier upgrade to "
              + version
              + " was reverted: "
              + earlier.get().reason()
              + ". Fix that, and run \"criproxy bootstrap install\" without --no-retry");
    }
    Preflight.requireSpaceForProgram(node);
    Transaction transaction =
        transaction(present.upgrade(version, node.now().toString(), unit(present)));
    transaction.begin();
    return run(present, transaction);
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

  /** The change of the unit, if the installation wrote it and it is unchanged since. */
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
   * Commits or reverts an interrupted upgrade that cannot be resumed.
   *
   * @return the journal of the installation after that
   */
  private Journal finishInterrupted(Journal installed, String version)
      throws IOException, InterruptedException, RefusedException {
    Optional<Journal> upgrade = read();
    State state = upgrade.map(Journal::state).orElse(State.REVERTED);
    if (state == State.INSTALLED) {
      return commit(installed, upgrade.orElseThrow());
    }
    if (state == State.INSTALLING && !upgrade.orElseThrow().version().equals(version)) {
      undo(upgrade.orElseThrow(), "an upgrade to " + version + " was requested");
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

  /** Reverts an upgrade that was begun and is not committed. */
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
    log.accept("reverted: the proxy runs the former version");
  }

  /** Deletes the journal of an upgrade that was reverted. */
  void forget() throws IOException {
    file.delete();
  }
}
