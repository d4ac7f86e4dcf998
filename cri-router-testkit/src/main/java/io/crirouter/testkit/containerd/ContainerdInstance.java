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
 * One running containerd that shares only the kernel with others: it has its own folders, socket,
 * bridge and subnet, image hosts and streaming port on loopback. All its runtime handlers use runc.
 * Host ports are not available: no port mapping is set up, so that the packet filter of the machine
 * is not changed.
 *
 * <p>{@link #close()} ends the daemon and its containers and removes all their files, mounts and
 * interfaces; {@link RunDirectory} does that for instances that are not closed. Containers survive
 * {@link #kill()} and {@link #restart()}, as in production. Thread-safe.
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
    // The folder of the binary comes first, so that it does not use the shim of another version.
    String path = containerd.getParent() + File.pathSeparator + "/usr/sbin:/usr/bin:/sbin:/bin";
    this.daemon =
        new Daemon(
            "containerd " + version + " '" + name + "'",
            List.of(containerd.toString(), "--config", config.file().toString()),
            path,
            config.folder().resolve("containerd.log"));
  }

  /**
   * A builder of an instance.
   *
   * @param name unique in a run; also the name of the folder
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

  /** The folder of its configuration and state. Tests may keep files in it, such as logs. */
  public Path directory() {
    return config.folder();
  }

  /** The bridge that its pods are attached to. */
  public String bridge() {
    return config.bridge().name();
  }

  /**
   * A control group for the pods of a test, for the start of their {@code cgroup_parent}. {@link
   * #close} removes it with its children, because runtimes leave that to the kubelet.
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

  /** Whether the daemon's process exists. A paused daemon is alive. */
  public boolean isAlive() {
    return daemon.isAlive();
  }

  /** Ends the daemon by SIGKILL and waits for its end. Containers keep running. */
  public void kill() {
    daemon.kill();
  }

  /**
   * Stops the daemon by SIGSTOP and waits until all its threads are stopped. It then accepts
   * connections but does not answer. Containers keep running.
   */
  public void pause() {
    daemon.pause();
  }

  /** Resumes a paused daemon by SIGCONT. */
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
   * Ends the daemon and its containers and removes all their files, mounts and interfaces. Closing
   * again has no effect.
   *
   * @throws RuntimeException that names what could not be removed; the next run tries again
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

  /** Configures an instance. {@link #run} and {@link #registry} are mandatory. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private Path containerd = ContainerdLine.INSTALLED.containerd();
    private List<String> runtimeHandlers = List.of("runc", "special");
    private @Nullable RunDirectory run;
    private @Nullable TestRegistry registry;

    private Builder(String name) {
      this.name = requireNonNull(name, "name");
    }

    /** The containerd to start; {@link ContainerdLine#INSTALLED} by default. */
    @CanIgnoreReturnValue
    public Builder line(ContainerdLine line) {
      return binary(line.containerd());
    }

    /** The path of the containerd binary. A shim in the same folder is preferred. */
    @CanIgnoreReturnValue
    public Builder binary(Path path) {
      this.containerd = requireNonNull(path, "path");
      return this;
    }

    /** The run that removes the instance if it is not closed. */
    @CanIgnoreReturnValue
    public Builder run(RunDirectory run) {
      this.run = requireNonNull(run, "run");
      return this;
    }

    /** The registry that serves {@link TestRegistry#HOST}. Pulls from other hosts fail at once. */
    @CanIgnoreReturnValue
    public Builder registry(TestRegistry registry) {
      this.registry = requireNonNull(registry, "registry");
      return this;
    }

    /** The runtime handlers, the default one first; {@code runc} and {@code special} by default. */
    @CanIgnoreReturnValue
    public Builder runtimeHandlers(String... names) {
      if (names.length == 0) {
        throw new IllegalArgumentException("containerd needs a runtime handler");
      }
      this.runtimeHandlers = List.of(names);
      return this;
    }

    /**
     * Starts the instance and returns when it serves CRI.
     *
     * @throws IllegalStateException with the end of its log if it does not start; it is removed
     *     then
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
