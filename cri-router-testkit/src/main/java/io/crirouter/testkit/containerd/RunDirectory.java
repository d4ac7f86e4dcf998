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
 * The folder of one test run, which contains all files of its daemons.
 *
 * <p>Creating one first removes earlier runs whose process has ended. Closing it, or the end of the
 * JVM, kills the processes of the run and removes everything. If the JVM is killed, the next run
 * does that. Thread-safe.
 */
public final class RunDirectory implements AutoCloseable {
  /** Process id, its start in clock ticks after boot (process ids are reused), and a counter. */
  private static final Pattern NAME = Pattern.compile("(\\d+)-(\\d+)-\\d+");

  private static final AtomicInteger COUNT = new AtomicInteger();
  private final Path path;
  private final Thread shutdownHook;

  private RunDirectory(Path path) {
    this.path = path;
    this.shutdownHook = new Thread(this::removeAll, "remove " + path.getFileName());
  }

  /**
   * Removes ended runs and creates a new folder in {@link ContainerdEnvironment#runtimes()}.
   *
   * @throws RuntimeException that names what cannot be removed of an earlier run
   */
  public static RunDirectory create() {
    return createIn(ContainerdEnvironment.runtimes().resolve("runs"));
  }

  /** As {@link #create()}, in another folder. Only ended runs in that folder are removed. */
  public static RunDirectory createIn(Path parent) {
    try {
      Path runs = Files.createDirectories(parent).toRealPath();
      removeEndedRuns(runs);
      RunDirectory run = new RunDirectory(runs.resolve(newName()));
      Runtime.getRuntime().addShutdownHook(run.shutdownHook);
      Files.createDirectory(run.path);
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder for a test run in " + parent, e);
    }
  }

  /** The folder, as a real path without symbolic links. */
  public Path path() {
    return path;
  }

  /** Creates the folder of one daemon. */
  @CanIgnoreReturnValue
  Path newDirectory(String name) {
    try {
      return Files.createDirectory(path.resolve(name));
    } catch (FileAlreadyExistsException e) {
      throw new IllegalArgumentException("'%s' already exists in %s".formatted(name, path), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make '%s' in %s".formatted(name, path), e);
    }
  }

  /** Kills and removes everything of this run. Closing again has no effect. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      return; // The JVM is ending, and the shutdown hook removes everything.
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

  /** Kills the processes of all ended runs first, because they may use resources of each other. */
  private static void removeEndedRuns(Path runs) throws IOException {
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

  /** Removes a run. A failure of one daemon does not keep the others from being removed. */
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
      return List.of(); // Another run has removed it.
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
      // The second field, the program name in parentheses, may contain spaces.
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
    } catch (IOException e) {
      return "";
    }
  }
}
