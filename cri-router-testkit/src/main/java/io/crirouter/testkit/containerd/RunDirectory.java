package io.crirouter.testkit.containerd;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of one test run, below which all daemons of the run keep everything.
 *
 * <p>Making one first sweeps up after earlier runs whose process is gone. Closing it, or the end of
 * the process, kills what still runs below it and removes everything. A process that is killed hard
 * cannot do that; the next run does. Thread-safe.
 */
public final class RunDirectory implements AutoCloseable {
  /** Process id, its start in clock ticks after boot (process ids are used again), and a count. */
  private static final Pattern NAME = Pattern.compile("(\\d+)-(\\d+)-\\d+");

  private static final AtomicInteger COUNT = new AtomicInteger();
  private final Path path;
  private final Thread atExit;

  private RunDirectory(Path path) {
    this.path = path;
    this.atExit = new Thread(this::removeAll, "remove " + path.getFileName());
  }

  /**
   * Sweeps, and makes a new folder in {@link ContainerdEnvironment#runtimes()}.
   *
   * @throws RuntimeException if the leftovers of an earlier run cannot be removed, naming them
   */
  public static RunDirectory create() {
    return createIn(ContainerdEnvironment.runtimes().resolve("runs"));
  }

  /** As {@link #create()}, in another place; only runs in the same place are swept. */
  public static RunDirectory createIn(Path parent) {
    try {
      Path runs = Files.createDirectories(parent).toRealPath();
      sweep(runs);
      RunDirectory run = new RunDirectory(runs.resolve(newName()));
      Runtime.getRuntime().addShutdownHook(run.atExit);
      Files.createDirectory(run.path);
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder for a test run in " + parent, e);
    }
  }

  /** The folder, free of symbolic links. */
  public Path path() {
    return path;
  }

  /** Makes the folder of one daemon. */
  @CanIgnoreReturnValue
  Path newDirectory(String name) {
    try {
      return Files.createDirectory(path.resolve(name));
    } catch (FileAlreadyExistsException e) {
      throw new IllegalArgumentException("there already is a '%s' in %s".formatted(name, path), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make '%s' in %s".formatted(name, path), e);
    }
  }

  /** Kills and removes everything of this run; closing again does nothing. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      return; // The process is ending, and the hook is doing the work.
    }
    removeAll();
  }

  private void removeAll() {
    try {
      remove(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + path, e);
    }
  }

  /** Ends the processes of all dead runs first: what one has left may be busy by another. */
  private static void sweep(Path runs) throws IOException {
    List<Path> dead = children(runs).stream().filter(RunDirectory::isDead).toList();
    dead.forEach(ProcessTable::killAllOf);
    for (Path run : dead) {
      remove(run);
    }
  }

  private static boolean isDead(Path run) {
    Matcher name = NAME.matcher(run.getFileName().toString());
    return name.matches() && !startOf(name.group(1)).equals(name.group(2));
  }

  /** One daemon that cannot be removed does not keep the others. */
  private static void remove(Path run) throws IOException {
    if (!Files.isDirectory(run)) {
      return;
    }
    ProcessTable.killAllOf(run);
    RuntimeException failure = null;
    for (Path daemon : children(run)) {
      try {
        Leftovers.remove(daemon);
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    Leftovers.remove(run);
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    } catch (NoSuchFileException e) {
      return List.of(); // Another run has swept it.
    }
  }

  private static String newName() {
    String pid = Long.toString(ProcessHandle.current().pid());
    return "%s-%s-%d".formatted(pid, startOf(pid), COUNT.incrementAndGet());
  }

  /** When a process started, in clock ticks after boot; empty if there is no such process. */
  private static String startOf(String pid) {
    try {
      String stat = Files.readString(Path.of("/proc", pid, "stat"));
      // The program's name, in parentheses, is the second of the fields and may hold spaces.
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
    } catch (IOException e) {
      return "";
    }
  }
}
