package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** Writes a file of the proxy. Undo keeps a file that was changed since. */
final class FileAction implements StepAction {
  private final NodeFiles files;
  private final Consumer<String> log;

  FileAction(NodeFiles files, Consumer<String> log) {
    this.files = files;
    this.log = log;
  }

  @Override
  public boolean isDone(JournalStep step) throws IOException {
    return files.read(step.file().path()).equals(Optional.of(step.file().after()));
  }

  @Override
  public void perform(JournalStep step) throws IOException {
    FileChange file = step.file();
    if (!files.read(file.path()).equals(file.before()) && !isDone(step)) {
      throw new IOException(file.path() + " was changed by another process meanwhile");
    }
    files.write(file.path(), file.after());
  }

  @Override
  public void undo(JournalStep step) throws IOException {
    FileChange file = step.file();
    Optional<String> now = files.read(file.path());
    if (now.equals(file.before())) {
      return;
    }
    if (!now.equals(Optional.of(file.after()))) {
      log.accept(
          "kept: "
              + file.path()
              + ", which was changed since it was written:\n"
              + UnifiedDiff.of(file.path(), Optional.of(file.after()), now));
      return;
    }
    restore(files, file);
  }

  /** Restores a file, whatever its present text is. */
  static void restore(NodeFiles files, FileChange file) throws IOException {
    if (file.before().isPresent()) {
      files.write(file.path(), file.before().get());
    } else {
      files.delete(file.path());
    }
  }
}
