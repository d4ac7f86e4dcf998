package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Copies the program to the node. */
final class ProgramAction implements StepAction {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Node node;
  private final Optional<Path> image;

  /**
   * An action.
   *
   * @param image the unpacked tar.gz that runs now, if one does
   */
  ProgramAction(Node node, Optional<Path> image) {
    this.node = node;
    this.image = image;
  }

  @Override
  public boolean isDone(JournalStep step) {
    return node.files().exists(ProxyProgram.FOLDER);
  }

  @Override
  public void perform(JournalStep step) throws IOException {
    if (image.isEmpty()) {
      throw new IOException("there is no program to copy: run this from the unpacked tar.gz");
    }
    node.files().copyFolder(image.get(), ProxyProgram.FOLDER);
    CommandResult unused = node.run(LIMIT, List.of("sync"));
  }

  /** By a program of its own, since this one may run from the folder. */
  @Override
  public void undo(JournalStep step) throws IOException {
    if (!node.files().exists(ProxyProgram.FOLDER)) {
      return;
    }
    CommandResult removed = node.run(LIMIT, List.of("rm", "-rf", ProxyProgram.FOLDER));
    if (!removed.isOk()) {
      throw new IOException("rm -rf " + ProxyProgram.FOLDER + " failed: " + removed.output());
    }
  }
}
