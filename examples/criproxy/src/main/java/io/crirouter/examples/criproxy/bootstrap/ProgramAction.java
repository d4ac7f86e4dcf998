package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Copies the program to the node, into the slot that is not in use. */
final class ProgramAction implements StepAction {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Node node;
  private final Optional<Path> image;

  /**
   * @param image the unpacked tar.gz of this program, if it runs from one
   */
  ProgramAction(Node node, Optional<Path> image) {
    this.node = node;
    this.image = image;
  }

  /** The slots that the link does not point to. The next copy uses the first. */
  static List<String> free(Node node) throws IOException {
    List<String> free = new ArrayList<>(ProxyProgram.SLOTS);
    node.files().linkTarget(ProxyProgram.FOLDER).ifPresent(free::remove);
    return free;
  }

  @Override
  public void perform(JournalStep step) throws IOException {
    if (image.isEmpty()) {
      throw new IOException("there is no program to copy: run this from the unpacked tar.gz");
    }
    String folder = free(node).get(0);
    remove(folder);
    node.files().copyFolder(image.get(), folder);
  }

  @Override
  public void undo(JournalStep step) throws IOException {
    for (String folder : free(node)) {
      remove(folder);
    }
  }

  /** Deletes a folder, with rm, because this program may run from it. */
  private void remove(String folder) throws IOException {
    if (!node.files().exists(folder)) {
      return;
    }
    CommandResult removed = node.run(LIMIT, List.of("rm", "-rf", folder));
    if (!removed.isOk()) {
      throw new IOException("rm -rf " + folder + " failed: " + removed.output());
    }
  }

  /** Tries to run the copied program, and switches the link to it. */
  static final class Switch implements StepAction {
    private static final String BEFORE = "before";
    private static final String AFTER = "after";

    private final Node node;

    Switch(Node node) {
      this.node = node;
    }

    @Override
    public Map<String, String> prepare() throws IOException {
      return Map.of(
          BEFORE, node.files().linkTarget(ProxyProgram.FOLDER).orElse(""),
          AFTER, free(node).get(0));
    }

    @Override
    public boolean isDone(JournalStep step) throws IOException {
      return node.files()
          .linkTarget(ProxyProgram.FOLDER)
          .equals(Optional.ofNullable(step.facts().get(AFTER)));
    }

    @Override
    public void perform(JournalStep step) throws IOException {
      String folder = step.facts().getOrDefault(AFTER, "");
      CommandResult tried = node.run(LIMIT, List.of(folder + ProxyProgram.LAUNCHER, "--version"));
      if (!tried.isOk()) {
        throw new IOException("the program does not run on this node: " + tried.output().strip());
      }
      node.files().link(ProxyProgram.FOLDER, folder);
    }

    @Override
    public void undo(JournalStep step) throws IOException {
      String before = step.facts().getOrDefault(BEFORE, "");
      if (!before.isEmpty()) {
        node.files().link(ProxyProgram.FOLDER, before);
      } else if (node.files().linkTarget(ProxyProgram.FOLDER).isPresent()) {
        node.files().deleteLink(ProxyProgram.FOLDER);
      }
    }
  }
}
