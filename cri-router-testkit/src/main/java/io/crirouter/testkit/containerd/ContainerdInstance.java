package io.crirouter.testkit.containerd;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One running containerd with nothing in common with others but the kernel: its own folders,
 * socket, bridge and subnet, image hosts and streaming port on loopback. The default runtime
 * handler and those named to the builder all lead to runc. Host ports are not available: no port
 * mapping is set up, so that the machine's packet filter is left alone.
 *
 * <p>{@link #close()} ends the daemon and every container in it and removes all their traces; see
 * {@link RunDirectory} for what happens if nobody closes it. Containers survive {@link #kill()} and
 * {@link #restart()}, as they do in production. Thread-safe.
 */
public final class ContainerdInstance implements AutoCloseable {
  /** {@code containerd github.com/containerd/containerd/v2 2.1.9+unknown ...} */
  private static final Pattern VERSION = Pattern.compile("containerd \\S+ v?((\\d+)\\.\\S+)");

  private final String name;
  private final String version;
  private final ContainerdConfig config;
  private final Daemon daemon;

  private ContainerdInstance(
      String name, String version, Path containerd, ContainerdConfig config) {
    this.name = name;
    this.version = version;
    this.config = config;
    // Its own folder first: a newer containerd must not find the installed one's shim.
    String path = containerd.getParent() + File.pathSeparator + "/usr/sbin:/usr/bin:/sbin:/bin";
    this.daemon =
        new Daemon(
            "containerd " + version + " '" + name + "'",
            List.of(containerd.toString(), "--config", config.file().toString()),
            path,
            config.folder().resolve("containerd.log"));
  }

  /**
   * Starts to describe an instance.
   *
   * @param name tells instances of a run apart; also the name of its folder
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** The name given to the builder. */
  public String name() {
    return name;
  }

  /** The version that its binary prints, such as {@code 1.6.20~ds1}. */
  public String version() {
    return version;
  }

  /** The UNIX socket that serves CRI. Its path stays the same across restarts. */
  public Path socket() {
    return config.socket();
  }

  /** The folder of its configuration and state; also good for a test's own files, such as logs. */
  public Path directory() {
    return config.folder();
  }

  /** The bridge that its pods are attached to. */
  public String bridge() {
    return config.bridge().name();
  }

  /**
   * A control group for a test's pods, to be the start of their {@code cgroup_parent}. It is
   * removed at the end with all that is in it; runtimes leave removed pods' groups to the kubelet.
   */
  public String cgroupParent() {
    return ControlGroups.parentFor(config.folder());
  }

  /**
   * The daemon's process.
   *
   * @throws IllegalStateException if it is not running
   */
  public long pid() {
    return daemon.pid();
  }

  /** Whether the daemon's process is there, which it also is while paused. */
  public boolean isAlive() {
    return daemon.isAlive();
  }

  /** Ends the daemon by SIGKILL and waits for its end. Containers go on. */
  public void kill() {
    daemon.kill();
  }

  /**
   * Stops the daemon by SIGSTOP and waits until it stands still: it accepts connections and answers
   * nothing. Containers go on.
   */
  public void pause() {
    daemon.pause();
  }

  /** Lets a paused daemon go on. */
  public void resume() {
    daemon.signal("CONT");
  }

  /**
   * Ends the daemon by SIGKILL if it runs, and starts it with the same state. Returns when it
   * serves CRI.
   *
   * @throws IllegalStateException with the end of its log if it does not
   */
  public void restart() {
    daemon.kill();
    start();
  }

  /** The last lines of the daemon's log. */
  public String logTail() {
    return daemon.logTail();
  }

  /**
   * Ends the daemon and its containers and removes every trace; closing again does nothing.
   *
   * @throws RuntimeException naming what could not be removed; the next run tries again
   */
  @Override
  public void close() {
    daemon.kill();
    Leftovers.remove(config.folder());
  }

  private void start() {
    daemon.start(() -> CriProbe.answers(socket()));
  }

  @Override
  public String toString() {
    return daemon + " on " + socket();
  }

  /** Describes an instance; a run, a registry and a binary are needed. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private Path containerd = ContainerdLine.INSTALLED.containerd();
    private List<String> runtimeHandlers = List.of("runc", "special");
    private @Nullable RunDirectory run;
    private @Nullable TestRegistry registry;

    private Builder(String name) {
      this.name = requireNonNull(name, "name");
    }

    /** Which containerd; the default is {@link ContainerdLine#INSTALLED}. */
    @CanIgnoreReturnValue
    public Builder line(ContainerdLine line) {
      return binary(line.containerd());
    }

    /** Which containerd, by the path of its binary; its shim is looked for beside it first. */
    @CanIgnoreReturnValue
    public Builder binary(Path path) {
      this.containerd = requireNonNull(path, "path");
      return this;
    }

    /** The run that it belongs to. */
    @CanIgnoreReturnValue
    public Builder run(RunDirectory run) {
      this.run = requireNonNull(run, "run");
      return this;
    }

    /** Where images of {@link TestRegistry#HOST} are pulled from; pulls of others fail at once. */
    @CanIgnoreReturnValue
    public Builder registry(TestRegistry registry) {
      this.registry = requireNonNull(registry, "registry");
      return this;
    }

    /**
     * Names of runtime handlers, the default one first; {@code runc} and {@code special} if unset.
     */
    @CanIgnoreReturnValue
    public Builder runtimeHandlers(String... names) {
      if (names.length == 0) {
        throw new IllegalArgumentException("containerd needs a runtime handler");
      }
      this.runtimeHandlers = List.of(names);
      return this;
    }

    /**
     * Starts it and returns when it serves CRI.
     *
     * @throws IllegalStateException if it does not, with the end of its log; nothing is left then
     */
    public ContainerdInstance start() {
      RunDirectory run = requireNonNull(this.run, "run");
      TestRegistry registry = requireNonNull(this.registry, "registry");
      Matcher version = versionOf(containerd);
      Path folder = run.newDirectory(name);
      try {
        ContainerdConfig config =
            new ContainerdConfig(
                folder,
                Integer.parseInt(version.group(2)),
                Bridge.create(folder),
                registry,
                runtimeHandlers);
        config.write();
        ContainerdInstance instance =
            new ContainerdInstance(name, version.group(1), containerd, config);
        instance.start();
        return instance;
      } catch (IOException | RuntimeException e) {
        throw afterRemoving(folder, e);
      }
    }

    private static RuntimeException afterRemoving(Path folder, Exception failure) {
      try {
        Leftovers.remove(folder);
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
      return failure instanceof IOException io
          ? new UncheckedIOException("cannot configure containerd in " + folder, io)
          : (RuntimeException) failure;
    }

    private static Matcher versionOf(Path containerd) {
      String output = Command.run(containerd.toString(), "--version").orThrow();
      Matcher matcher = VERSION.matcher(output);
      if (!matcher.lookingAt()) {
        throw new IllegalStateException(containerd + " prints an unknown version: " + output);
      }
      return matcher;
    }
  }
}
