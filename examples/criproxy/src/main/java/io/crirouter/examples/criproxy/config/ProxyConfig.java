package io.crirouter.examples.criproxy.config;

import io.crirouter.core.BackendName;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.Timeouts;
import io.crirouter.examples.criproxy.logging.LogFormat;
import io.crirouter.examples.criproxy.logging.LogLevel;
import io.crirouter.grpc.ServerLimits;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All that the proxy is told to do, checked as far as that can be without looking at the machine.
 * Immutable.
 *
 * @param listen the socket that the kubelet connects to
 * @param socketMode who may connect; empty for the server's default
 * @param socketGroup the group of the socket
 * @param allowedUids the users who may connect besides; empty for all
 * @param backends the runtimes, the primary first; at least one
 * @param policy where new pods go
 * @param ids whose ids the kubelet sees
 * @param images how images are named
 * @param adminSocket where operators ask; empty for nowhere
 * @param stateFile where state is kept over a restart
 * @param forget runtimes whose saved state is dropped
 * @param logLevel what is logged at least
 * @param logFormat how it is written
 * @param metricsListen where metrics are served; empty if nowhere
 * @param tracing where spans go; empty if nowhere
 * @param drainTimeout how long calls may go on at a stop
 * @param timeouts how long the router waits
 * @param limits what clients may take
 * @param source what all this was read from, with the defaults
 */
public record ProxyConfig(
    Path listen,
    Optional<Set<PosixFilePermission>> socketMode,
    Optional<String> socketGroup,
    Set<Integer> allowedUids,
    List<BackendConfig> backends,
    RoutingPolicy policy,
    IdStrategy ids,
    ImageStrategy images,
    Optional<Path> adminSocket,
    Optional<Path> stateFile,
    List<BackendName> forget,
    LogLevel logLevel,
    LogFormat logFormat,
    Optional<InetSocketAddress> metricsListen,
    Optional<TracingConfig> tracing,
    Duration drainTimeout,
    Timeouts timeouts,
    ServerLimits limits,
    ConfigNode.Table source) {
  public ProxyConfig {
    allowedUids = Set.copyOf(allowedUids);
    backends = List.copyOf(backends);
    forget = List.copyOf(forget);
  }

  /**
   * The keys that a file has, as they are written there.
   *
   * @throws BadConfigurationException if it cannot be read, or is not YAML
   */
  public static ConfigNode.Table load(Path file) throws BadConfigurationException {
    return YamlFile.read(file);
  }

  /**
   * The keys that {@code text} has, as they are written there.
   *
   * @param name of the file that it is of, for messages
   * @throws BadConfigurationException if it is not YAML
   */
  public static ConfigNode.Table parse(String name, String text) throws BadConfigurationException {
    return YamlFile.parse(name, text);
  }

  /**
   * The configuration that {@code written} stands for.
   *
   * @throws BadConfigurationException if something is wrong with it; says all that is
   */
  public static ProxyConfig of(ConfigNode.Table written) throws BadConfigurationException {
    return ConfigReader.read(written);
  }

  /**
   * Where the proxy of {@code written} has its admin socket, whatever is wrong with other keys.
   *
   * @return empty for nowhere
   * @throws BadConfigurationException if these keys do not tell
   */
  public static Optional<Path> adminSocket(ConfigNode.Table written)
      throws BadConfigurationException {
    return AdminPath.of(written);
  }

  /** The JSON schema of configuration files. */
  public static String jsonSchema() {
    return JsonSchema.text();
  }

  /** Where the value of a key at the top comes from. */
  public Origin origin(String key) {
    ConfigNode.Entry entry = source.entries().get(key);
    return entry == null ? Origin.DEFAULT : entry.value().origin();
  }

  /** Where the admin socket comes from. */
  public Origin adminOrigin() {
    ConfigNode.Table admin = (ConfigNode.Table) ConfigReader.node(source, "admin");
    Origin origin = ConfigReader.node(admin, "socket").origin();
    return origin.equals(Origin.DEFAULT) ? Origin.option("admin.socket") : origin;
  }

  /** The configuration file; empty if there are only options. */
  public Optional<String> file() {
    return source.origin().file();
  }

  /** What a key at the top has that takes one word and has a default. */
  public String word(String key) {
    return ((ConfigNode.Text) ConfigReader.node(source, key)).value();
  }

  /**
   * The keys that {@code other} has another value for, with their paths ({@code log.level}); a list
   * is one value.
   */
  public Set<String> differences(ProxyConfig other) {
    return ConfigDifference.keys(source, other.source);
  }

  /** As a file that says the same, each value with where it comes from. */
  public String describe() {
    return ConfigText.of(source);
  }
}
