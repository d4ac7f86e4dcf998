package io.crirouter.testkit.contract;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.testkit.CriClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The runtime that {@link RuntimeContract} checks: how to connect, which image, handler and
 * annotations to use, and the features that it lacks.
 */
public final class RuntimeUnderTest {
  private static final String V1 = "v1";

  /** For work that runtimes do in the background. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

  final String description;
  final Supplier<CriClient> connect;
  final boolean overSocket;
  final String apiVersion;
  final String image;
  final @Nullable String imageToRemove;
  final Map<String, String> annotations;
  final String runtimeHandler;
  final String cgroupParent;
  final @Nullable Path logs;
  final Set<Feature> lacks;
  final Duration timeout;
  final @Nullable AutoCloseable resource;

  private RuntimeUnderTest(Builder from) {
    description = from.description;
    connect = from.connect;
    overSocket = from.overSocket;
    apiVersion = from.apiVersion;
    image = from.image;
    imageToRemove = from.imageToRemove;
    annotations = Map.copyOf(from.annotations);
    runtimeHandler = from.runtimeHandler;
    cgroupParent = from.cgroupParent;
    logs = from.logs;
    timeout = from.timeout;
    resource = from.resource;
    lacks = Collections.unmodifiableSet(EnumSet.copyOf(from.lacks));
  }

  /**
   * A runtime that serves CRI on a UNIX socket.
   *
   * @param socket where it listens
   * @param image an image that is present or can be pulled; it needs a shell unless {@link
   *     Feature#PROCESSES} is lacking
   */
  public static Builder at(Path socket, String image) {
    requireNonNull(socket, "socket");
    return new Builder("unix:" + socket, () -> CriClient.connect(socket), true, image);
  }

  /**
   * A runtime in this JVM. The caller owns and closes it.
   *
   * @param backend called on the threads of the test
   * @param image as in {@link #at}
   */
  public static Builder of(RuntimeBackend backend, String image) {
    requireNonNull(backend, "backend");
    return new Builder(backend.address(), () -> CriClient.of(backend), false, image);
  }

  Optional<Path> logs() {
    return Optional.ofNullable(logs);
  }

  Optional<String> imageToRemove() {
    return Optional.ofNullable(imageToRemove);
  }

  @Override
  public String toString() {
    return description + (apiVersion.equals(V1) ? "" : " in " + apiVersion);
  }

  /** Configures a {@link RuntimeUnderTest}. Not thread-safe. */
  public static final class Builder {
    private final String description;
    private final Supplier<CriClient> connect;
    private final boolean overSocket;
    private final String image;
    private final Map<String, String> annotations = new HashMap<>();
    private final Set<Feature> lacks = EnumSet.noneOf(Feature.class);
    private String apiVersion = V1;
    private @Nullable String imageToRemove;
    private String runtimeHandler = "";
    private String cgroupParent = "";
    private @Nullable Path logs;
    private Duration timeout = DEFAULT_TIMEOUT;
    private @Nullable AutoCloseable resource;

    private Builder(
        String description, Supplier<CriClient> connect, boolean overSocket, String image) {
      this.description = description;
      this.connect = connect;
      this.overSocket = overSocket;
      this.image = requireNonNull(image, "image");
    }

    /** The features that the runtime lacks; none by default. */
    @CanIgnoreReturnValue
    public Builder lacks(Feature... features) {
      Collections.addAll(lacks, features);
      return this;
    }

    /**
     * An unused image for the rules about RemoveImage, which pull and remove it. Without it they
     * are skipped, because they could remove an image that the node needs.
     */
    @CanIgnoreReturnValue
    public Builder imageToRemove(String name) {
      imageToRemove = requireNonNull(name, "name");
      return this;
    }

    /**
     * Adds an annotation to all pods and their image calls. For a router, {@code
     * kubernetes.io/target-runtime} chooses the runtime.
     */
    @CanIgnoreReturnValue
    public Builder annotation(String key, String value) {
      annotations.put(requireNonNull(key, "key"), requireNonNull(value, "value"));
      return this;
    }

    /** The runtime handler of all pods; the default handler if unset. */
    @CanIgnoreReturnValue
    public Builder runtimeHandler(String handler) {
      runtimeHandler = requireNonNull(handler, "handler");
      return this;
    }

    /** The parent of the pods' control groups; the runtime's default if unset. */
    @CanIgnoreReturnValue
    public Builder cgroupParent(String path) {
      cgroupParent = requireNonNull(path, "path");
      return this;
    }

    /**
     * An existing folder for container logs, writable by this JVM and by the runtime. Mandatory
     * unless {@link Feature#LOG_FILES} is lacking.
     */
    @CanIgnoreReturnValue
    public Builder logs(Path folder) {
      logs = requireNonNull(folder, "folder");
      return this;
    }

    /** A resource to close after the suite, for example a router in front of the runtime. */
    @CanIgnoreReturnValue
    public Builder closeAfterwards(AutoCloseable closed) {
      resource = requireNonNull(closed, "closed");
      return this;
    }

    /** How long work in the background may take. */
    @CanIgnoreReturnValue
    Builder timeout(Duration limit) {
      timeout = requireNonNull(limit, "limit");
      return this;
    }

    /** The version of CRI to use: {@code v1}, the default, or {@code v1alpha2}. */
    @CanIgnoreReturnValue
    public Builder apiVersion(String version) {
      apiVersion = requireNonNull(version, "version");
      return this;
    }

    /**
     * Builds the description.
     *
     * @throws IllegalStateException if there is no folder for logs, and LOG_FILES is not lacking
     */
    public RuntimeUnderTest build() {
      if (logs == null && !lacks.contains(Feature.LOG_FILES)) {
        throw new IllegalStateException(
            "set a folder for container logs with logs(), or declare that LOG_FILES is lacking");
      }
      return new RuntimeUnderTest(this);
    }
  }
}
