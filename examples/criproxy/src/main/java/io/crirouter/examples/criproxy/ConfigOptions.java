package io.crirouter.examples.criproxy;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ConfigNode;
import io.crirouter.examples.criproxy.config.ConfigNode.Entry;
import io.crirouter.examples.criproxy.config.ConfigNode.Items;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import io.crirouter.examples.criproxy.config.ConfigNode.Text;
import io.crirouter.examples.criproxy.config.Origin;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The configuration file, and the options that override its keys. */
final class ConfigOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "The configuration file. Each other option overrides the same key of the file.",
        "If the option is repeated, the last one is used."
      })
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--listen",
      paramLabel = "PATH",
      converter = SocketAddressText.class,
      description = "The socket that the kubelet connects to.")
  private Optional<Path> listen = Optional.empty();

  @Option(
      names = "--connect",
      paramLabel = "RUNTIMES",
      converter = RuntimeAddress.Converter.class,
      description = {
        "The runtimes, separated by commas, the primary first:",
        "  /SOCKET[,NAME:/SOCKET...]; NAME=PREFIX:/SOCKET sets the prefix of the runtime's ids.",
        "unix:///SOCKET is the same as /SOCKET."
      })
  private Optional<RuntimeAddress.Group> runtimes = Optional.empty();

  @Option(
      names = "--runtime-class",
      paramLabel = "HANDLER=NAME",
      description =
          "Pods with this runtime handler go to the runtime NAME. May be repeated. With this "
              + "or --namespace the policies are: the annotation, runtime handlers, namespaces.")
  private Map<String, String> handlers = new LinkedHashMap<>();

  @Option(
      names = "--namespace",
      paramLabel = "NAMESPACE=NAME",
      description = "Pods of this namespace go to the runtime NAME. May be repeated.")
  private Map<String, String> namespaces = new LinkedHashMap<>();

  @Option(
      names = "--ids",
      paramLabel = "KIND",
      description = {
        "prefixed: ids of all runtimes but the primary begin with a prefix; the default.",
        "native: all ids are those of the runtimes themselves; give a --state-file with it."
      })
  private Optional<String> ids = Optional.empty();

  @Option(
      names = "--images",
      paramLabel = "KIND",
      description = {
        "prefixed: images of all runtimes but the primary begin with NAME/; the default.",
        "shared: images have the same name everywhere."
      })
  private Optional<String> images = Optional.empty();

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "One of error, warn, info, debug; info by default.")
  private Optional<String> logLevel = Optional.empty();

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "text or json; text by default.")
  private Optional<String> logFormat = Optional.empty();

  @Option(
      names = "--socket-mode",
      paramLabel = "MODE",
      description = "Who may connect, in octal; 0600 by default, 0660 with a group.")
  private Optional<String> socketMode = Optional.empty();

  @Option(
      names = "--socket-group",
      paramLabel = "GROUP",
      description = "The group that the socket belongs to.")
  private Optional<String> socketGroup = Optional.empty();

  @Option(
      names = "--state-file",
      paramLabel = "PATH",
      description =
          "Where the proxy saves the last known state of the runtimes, so that the kubelet's "
              + "lists are complete when the proxy restarts while a runtime is down. Its folder "
              + "must exist.")
  private Optional<Path> stateFile = Optional.empty();

  @Option(
      names = "--admin",
      paramLabel = "PATH",
      description =
          "The socket for criproxy status and the other admin commands, or off; by default "
              + "beside that of --listen, with -admin before .sock.")
  private Optional<String> admin = Optional.empty();

  @Option(
      names = "--drain-timeout",
      paramLabel = "TIME",
      description = "How long calls may go on after a request to stop; 20s by default.")
  private Optional<String> drainTimeout = Optional.empty();

  @Option(
      names = "--metrics",
      paramLabel = "ADDRESS",
      description = {
        "Serves metrics for Prometheus at this TCP port of the loopback interface, or at IP:PORT."
      })
  private Optional<String> metrics = Optional.empty();

  @Option(
      names = "--forget",
      paramLabel = "NAME",
      description =
          "Delete the saved state of a runtime that is no longer configured: its pods are no "
              + "longer listed. May be repeated.")
  private List<String> forgotten = new ArrayList<>();

  /** The configuration file, if one is given. */
  Optional<Path> file() {
    return files.isEmpty() ? Optional.empty() : Optional.of(files.get(files.size() - 1));
  }

  /** Reads the configuration from the file and the options. */
  ProxyConfig read() throws BadConfigurationException {
    Table options = options();
    Optional<Path> file = file();
    if (file.isPresent()) {
      return ProxyConfig.of(ProxyConfig.load(file.get()).overriddenBy(options));
    }
    if (listen.isEmpty() || runtimes.isEmpty()) {
      throw new BadConfigurationException(
          "give --config FILE, or --listen PATH and --connect RUNTIMES", null);
    }
    return ProxyConfig.of(options);
  }

  private Table options() {
    Map<String, Entry> given = new LinkedHashMap<>();
    listen.ifPresent(path -> put(given, "listen", "--listen", absolute(path)));
    runtimes.ifPresent(group -> put(given, "backends", backends(group)));
    if (!handlers.isEmpty() || !namespaces.isEmpty()) {
      put(given, "policies", policies());
    }
    ids.ifPresent(kind -> put(given, "ids", "--ids", kind));
    images.ifPresent(kind -> put(given, "images", "--images", kind));
    socketMode.ifPresent(mode -> put(given, "socketMode", "--socket-mode", mode));
    socketGroup.ifPresent(group -> put(given, "socketGroup", "--socket-group", group));
    stateFile.ifPresent(path -> put(given, "stateFile", "--state-file", absolute(path)));
    drainTimeout.ifPresent(time -> put(given, "drainTimeout", "--drain-timeout", time));
    admin.ifPresent(path -> put(given, "admin", table("--admin", Map.of("socket", path))));
    if (logLevel.isPresent() || logFormat.isPresent()) {
      put(given, "log", log());
    }
    metrics.ifPresent(
        address -> put(given, "metrics", table("--metrics", Map.of("listen", address))));
    if (!forgotten.isEmpty()) {
      Origin origin = Origin.option("--forget");
      List<ConfigNode> names = new ArrayList<>();
      forgotten.forEach(name -> names.add(new Text(name, origin)));
      put(given, "forget", new Items(names, origin));
    }
    return new Table(given, Origin.option("command line"));
  }

  private Table log() {
    Map<String, Entry> entries = new LinkedHashMap<>();
    logLevel.ifPresent(level -> put(entries, "level", "--log-level", level));
    logFormat.ifPresent(format -> put(entries, "format", "--log-format", format));
    return new Table(entries, Origin.option("--log-level"));
  }

  private static String absolute(Path path) {
    return path.toAbsolutePath().toString();
  }

  private static void put(Map<String, Entry> given, String key, String option, String value) {
    put(given, key, new Text(value, Origin.option(option)));
  }

  private static void put(Map<String, Entry> given, String key, ConfigNode value) {
    given.put(key, Entry.of(value));
  }

  private static Table table(String option, Map<String, String> values) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    values.forEach((key, value) -> put(entries, key, option, value));
    return new Table(entries, Origin.option(option));
  }

  private static ConfigNode backends(RuntimeAddress.Group group) {
    List<ConfigNode> backends = new ArrayList<>();
    for (RuntimeAddress runtime : group.members()) {
      Map<String, String> values = new LinkedHashMap<>();
      values.put("name", runtime.nameOrPrimary().value());
      values.put("endpoint", runtime.socket().toString());
      runtime.idPrefix().ifPresent(prefix -> values.put("idPrefix", prefix));
      backends.add(table("--connect", values));
    }
    return new Items(backends, Origin.option("--connect"));
  }

  private ConfigNode policies() {
    List<ConfigNode> policies = new ArrayList<>();
    String first = handlers.isEmpty() ? "--namespace" : "--runtime-class";
    policies.add(table(first, Map.of("annotation", RoutingPolicy.TARGET_RUNTIME_ANNOTATION)));
    addPolicy(policies, "runtimeHandler", "--runtime-class", handlers);
    addPolicy(policies, "namespace", "--namespace", namespaces);
    return new Items(policies, Origin.option(first));
  }

  private static void addPolicy(
      List<ConfigNode> policies, String key, String option, Map<String, String> targets) {
    if (!targets.isEmpty()) {
      Map<String, Entry> entry = Map.of(key, Entry.of(table(option, targets)));
      policies.add(new Table(entry, Origin.option(option)));
    }
  }
}
