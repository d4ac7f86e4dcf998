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
 * The configuration of the proxy. It is valid as far as that does not depend on the machine.
 * Immutable.
 *
 * @param listen the socket that the kubelet connects to
 * @param socketMode the mode of the socket; empty for the server's default
 * @param socketGroup the group of the socket
 * @param allowedUids the user ids that may connect, in addition to the mode; empty for all
 * @param backends the runtimes, the primary first; at least one
 * @param policy the routing policy for new pods
 * @param ids the id strategy
 * @param images the image strategy
 * @param adminSocket the admin socket; empty if it is off
 * @param stateFile the state file; empty if there is none
 * @param forget runtimes whose saved state is deleted
 * @param logLevel the lowest level that is logged
 * @param logFormat the format of the log
 * @param metricsListen the address for metrics; empty if there are none
 * @param tracing the export of spans; empty if there is none
 * @param drainTimeout how long calls may go on after a request to stop
 * @param timeouts the timeouts of the router
 * @param limits the limits of the server
 * @param source the configuration that this was read from, with the defaults
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
   * Reads a file without checking its keys.
   *
   * @throws BadConfigurationException if it cannot be read, or is not YAML
   */
  public static ConfigNode.Table load(Path file) throws BadConfigurationException {
    return YamlFile.read(file);
  }

  /**
   * Parses the text of a file without checking its keys.
   *
   * @param name the name of the file, for messages
   * @throws BadConfigurationException if it is not YAML
   */
  public static ConfigNode.Table parse(String name, String text) throws BadConfigurationException {
    return YamlFile.parse(name, text);
  }

  /**
   * Checks and parses a configuration.
   *
   * @throws BadConfigurationException if it is invalid; the message has all errors
   */
  public static ProxyConfig of(ConfigNode.Table source) throws BadConfigurationException {
    return ConfigReader.read(source);
  }

  /**
   * The admin socket of a configuration whose other keys may be invalid.
   *
   * @return empty if it is off
   * @throws BadConfigurationException if the keys of the socket are invalid
   */
  public static Optional<Path> adminSocket(ConfigNode.Table source)
      throws BadConfigurationException {
    return AdminPath.of(source);
  }

  /** The JSON schema of configuration files. */
  public static String jsonSchema() {
    return JsonSchema.text();
  }

  /** The origin of the value of a top-level key. */
  public Origin origin(String key) {
    ConfigNode.Entry entry = source.entries().get(key);
    return entry == null ? Origin.DEFAULT : entry.value().origin();
  }

  /** The origin of the admin socket. */
  public Origin adminOrigin() {
    ConfigNode.Table admin = (ConfigNode.Table) ConfigReader.node(source, "admin");
    Origin origin = ConfigReader.node(admin, "socket").origin();
    return origin.equals(Origin.DEFAULT) ? Origin.option("admin.socket") : origin;
  }

  /** The configuration file; empty if there are only options. */
  public Optional<String> file() {
    return source.origin().file();
  }

  /** The value of a top-level key, which is one word and has a default. */
  public String word(String key) {
    return ((ConfigNode.Text) ConfigReader.node(source, key)).value();
  }

  /**
   * The paths of the keys whose value differs in {@code other}, {@code log.level} for example. A
   * list is one value.
   */
  public Set<String> differences(ProxyConfig other) {
    return ConfigDifference.keys(source, other.source);
  }

  /** The effective configuration as YAML, with the origin of each value. */
  public String describe() {
    return ConfigText.of(source);
  }
}
