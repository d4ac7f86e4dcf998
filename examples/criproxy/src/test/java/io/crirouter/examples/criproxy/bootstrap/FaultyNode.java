package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A node that injects a fault before an effect of the bootstrap: each write of the journal or of
 * another file, each deletion, each command. They are counted, so that a test can go through all
 * there are without naming them.
 */
final class FaultyNode implements Node {
  /** The bootstrap is killed. No part of it may catch this. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  /** The fault. */
  @FunctionalInterface
  interface Fault {
    void before(int number, String effect) throws IOException;
  }

  /** Words of commands without effect. All other commands are effects. */
  private static final List<String> QUESTIONS =
      List.of("is-active", "is-enabled", "show", "--version", "get");

  private final Node node;
  private final Fault fault;
  private final List<String> effects = new ArrayList<>();

  FaultyNode(Node node, Fault fault) {
    this.node = node;
    this.fault = fault;
  }

  static Fault none() {
    return (number, effect) -> {};
  }

  /** Kills the bootstrap just before the effect of this number. */
  static Fault killBefore(int victim) {
    return (number, effect) -> {
      if (number == victim) {
        throw new Killed();
      }
    };
  }

  /** The effects so far, in order. */
  List<String> effects() {
    return List.copyOf(effects);
  }

  private interface Effect<T> {
    T run() throws IOException;
  }

  private <T> T effect(String name, Effect<T> effect) throws IOException {
    int number = effects.size();
    effects.add(name);
    fault.before(number, name);
    return effect.run();
  }

  @Override
  public NodeFiles files() {
    return new FaultyFiles(node.files());
  }

  @Override
  public List<NodeProcess> processes() throws IOException {
    return node.processes();
  }

  @Override
  public CommandResult run(Duration limit, List<String> command) throws IOException {
    return QUESTIONS.stream().anyMatch(command::contains)
        ? node.run(limit, command)
        : effect("run " + String.join(" ", command), () -> node.run(limit, command));
  }

  @Override
  public boolean answersOk(URI url) {
    return node.answersOk(url);
  }

  @Override
  public RuntimeBackend runtime(String socket) {
    return node.runtime(socket);
  }

  @Override
  public long nanoTime() {
    return node.nanoTime();
  }

  @Override
  public Instant now() {
    return node.now();
  }

  @Override
  public void pause(Duration time) throws InterruptedException {
    node.pause(time);
  }

  private final class FaultyFiles implements NodeFiles {
    private final NodeFiles files;

    FaultyFiles(NodeFiles files) {
      this.files = files;
    }

    @Override
    public Path locate(String path) throws IOException {
      return files.locate(path);
    }

    @Override
    public Optional<String> read(String path) throws IOException {
      return files.read(path);
    }

    @Override
    public boolean exists(String path) {
      return files.exists(path);
    }

    @Override
    public List<String> list(String folder) throws IOException {
      return files.list(folder);
    }

    @Override
    public Optional<String> writeProblem(String path) {
      return files.writeProblem(path);
    }

    @Override
    public long usableBytes(String path) throws IOException {
      return files.usableBytes(path);
    }

    private void effect(String name, Effect<Void> effect) throws IOException {
      Void unused = FaultyNode.this.effect(name, effect);
    }

    @Override
    public void write(String path, String text) throws IOException {
      effect(
          "write " + path,
          () -> {
            files.write(path, text);
            return null;
          });
    }

    @Override
    public void writePrivate(String path, String text) throws IOException {
      effect(
          "write " + path,
          () -> {
            files.writePrivate(path, text);
            return null;
          });
    }

    @Override
    public void delete(String path) throws IOException {
      effect(
          "delete " + path,
          () -> {
            files.delete(path);
            return null;
          });
    }

    @Override
    public void copyFolder(Path source, String target) throws IOException {
      effect(
          "write folder " + target,
          () -> {
            files.copyFolder(source, target);
            return null;
          });
    }

    @Override
    public Optional<String> linkTarget(String path) throws IOException {
      return files.linkTarget(path);
    }

    @Override
    public void link(String path, String target) throws IOException {
      effect(
          "write link " + path,
          () -> {
            files.link(path, target);
            return null;
          });
    }

    @Override
    public void deleteLink(String path) throws IOException {
      effect(
          "delete link " + path,
          () -> {
            files.deleteLink(path);
            return null;
          });
    }

    @Override
    public Optional<Lock> lock(String path, String holder) throws IOException {
      return files.lock(path, holder);
    }
  }
}
