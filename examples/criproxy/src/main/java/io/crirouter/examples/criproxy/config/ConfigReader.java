package io.crirouter.examples.criproxy.config;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.Timeouts;
import io.crirouter.examples.criproxy.config.ConfigNode.Items;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import io.crirouter.grpc.ServerLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Checks the shape of a configuration and parses it. */
final class ConfigReader {
  private final Problems problems;

  private ConfigReader(Problems problems) {
    this.problems = problems;
  }

  static ProxyConfig read(Table source) throws BadConfigurationException {
    Problems problems = new Problems();
    ConfigSchema.ROOT.check(source, "", problems);
    problems.throwIfAny();
    ProxyConfig config =
        new ConfigReader(problems)
            .config(AdminPath.withDefault((Table) ConfigSchema.ROOT.withDefaults(source)));
    problems.throwIfAny();
    return config;
  }

  private ProxyConfig config(Table root) {
    List<BackendConfig> backends = backends(items(root, "backends"));
    List<BackendName> names = backends.stream().map(BackendConfig::name).toList();
    PolicyReader policies = new PolicyReader(names, problems);
    Table log = (Table) node(root, "log");
    ProxyConfig config =
        new ProxyConfig(
            value(root, "listen", Values.SOCKET),
            optional(root, "socketMode").map(Values.MODE::read),
            optional(root, "socketGroup").map(Values.TEXT::read),
            items(root, "allowedUids").stream().map(Values.UID::read).collect(Collectors.toSet()),
            backends,
            policies.read(items(root, "policies")),
            value(root, "ids", ConfigSchema.IDS),
            value(root, "images", ConfigSchema.IMAGES),
            value((Table) node(root, "admin"), "socket", Values.SOCKET_OR_OFF),
            optional(root, "stateFile").map(Values.FILE::read),
            forgotten(root, names),
            value(log, "level", ConfigSchema.LOG_LEVEL),
            value(log, "format", ConfigSchema.LOG_FORMAT),
            optional(root, "metrics")
                .map(metrics -> value((Table) metrics, "listen", TcpAddress.SHAPE)),
            optional(root, "tracing").map(tracing -> tracing((Table) tracing)),
            value(root, "drainTimeout", Values.DURATION_VALUE),
            timeouts((Table) node(root, "timeouts")),
            limits((Table) node(root, "limits")),
            root);
    if (problems.isEmpty()) {
      RouterCheck.check(config, problems);
    }
    return config;
  }

  static Optional<ConfigNode> optional(Table table, String key) {
    return Optional.ofNullable(table.entries().get(key)).map(ConfigNode.Entry::value);
  }

  /** The value of a key that is required or has a default. */
  static ConfigNode node(Table table, String key) {
    return requireNonNull(table.entries().get(key), key).value();
  }

  static <T> T value(Table table, String key, ValueShape<T> shape) {
    return shape.read(node(table, key));
  }

  private static List<ConfigNode> items(Table table, String key) {
    return optional(table, key).map(node -> ((Items) node).values()).orElse(List.of());
  }

  private List<BackendConfig> backends(List<ConfigNode> items) {
    Map<BackendName, Origin> seen = new LinkedHashMap<>();
    List<BackendConfig> backends = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Table table = (Table) items.get(i);
      String path = "backends[" + i + "]";
      BackendName name = value(table, "name", Values.NAME);
      Origin origin = node(table, "name").origin();
      Origin earlier = seen.putIfAbsent(name, origin);
      if (earlier != null) {
        String what = "'" + name + "' is the name of another backend, at " + earlier.brief();
        problems.add(origin, path + ".name", what);
      }
      backends.add(
          new BackendConfig(
              name,
              value(table, "endpoint", Values.SOCKET),
              options(table, path),
              value(table, "connectTimeout", Values.DURATION_VALUE),
              value(table, "maxResponseBytes", Values.MESSAGE_BYTES),
              node(table, "endpoint").origin(),
              table));
    }
    return backends;
  }

  private BackendOptions options(Table table, String path) {
    BackendOptions options = BackendOptions.DEFAULT;
    Optional<ConfigNode> prefix = optional(table, "idPrefix");
    if (prefix.isPresent()) {
      options = options.withIdPrefix(Values.ID_PREFIX.read(prefix.get()));
    }
    Optional<ConfigNode> images = optional(table, "images");
    if (images.isPresent()) {
      options = options.withImages(ConfigSchema.IMAGES.read(images.get()));
    }
    Optional<ConfigNode> url = optional(table, "streamBaseUrl");
    if (url.isPresent()) {
      options = options.withStreamBaseUrl(Values.URL.read(url.get()));
    }
    for (ConfigNode pattern : items(table, "pinnedImages")) {
      Pattern names = Values.PATTERN.read(pattern);
      options = options.withPinnedImages(names);
    }
    Optional<ConfigNode> handlers = optional(table, "runtimeHandlers");
    return handlers.isPresent()
        ? withHandlers(options, handlers.get(), path + ".runtimeHandlers")
        : options;
  }

  private BackendOptions withHandlers(BackendOptions options, ConfigNode handlers, String path) {
    BackendOptions with = options;
    try {
      for (Map.Entry<String, String> handler : ConfigSchema.HANDLERS.read(handlers).entrySet()) {
        with = with.withRuntimeHandler(handler.getKey(), handler.getValue());
      }
    } catch (IllegalArgumentException e) {
      problems.add(handlers.origin(), path, String.valueOf(e.getMessage()));
    }
    return with;
  }

  private List<BackendName> forgotten(Table root, List<BackendName> configured) {
    List<BackendName> forgotten = new ArrayList<>();
    for (ConfigNode item : items(root, "forget")) {
      BackendName name = Values.NAME.read(item);
      forgotten.add(name);
      if (configured.contains(name)) {
        problems.add(item.origin(), "forget", "backend '" + name + "' is configured");
      }
    }
    return forgotten;
  }

  private static TracingConfig tracing(Table table) {
    return new TracingConfig(
        value(table, "endpoint", TcpAddress.OR_SOCKET),
        value(table, "samplingRatio", Values.RATIO),
        value(table, "serviceName", Values.TEXT));
  }

  private static Timeouts timeouts(Table table) {
    ValueShape<Duration> time = Values.DURATION_VALUE;
    return Timeouts.builder()
        .podLists(value(table, "podLists", time))
        .otherMerges(value(table, "otherMerges", time))
        .connecting(value(table, "connecting", time))
        .ownQueries(value(table, "ownQueries", time))
        .firstContact(value(table, "firstContact", time))
        .afterLoss(value(table, "afterLoss", time))
        .lateAnswers(value(table, "lateAnswers", time))
        .build();
  }

  private ServerLimits limits(Table table) {
    try {
      return ServerLimits.builder()
          .maxRequestBytes(value(table, "maxRequestBytes", Values.MESSAGE_BYTES))
          .requestBytes(
              value(table, "requestBytesPerConnection", Values.BYTES_VALUE),
              value(table, "requestBytes", Values.BYTES_VALUE))
          .unreadBytes(
              value(table, "unreadBytesPerConnection", Values.BYTES_VALUE),
              value(table, "unreadBytes", Values.BYTES_VALUE))
          .callsPerConnection(value(table, "callsPerConnection", Values.COUNT))
          .connections(value(table, "connections", Values.COUNT))
          .resets(
              value(table, "resets", Values.COUNT),
              value(table, "resetWindow", Values.DURATION_VALUE))
          .handshakeTimeout(value(table, "handshakeTimeout", Values.DURATION_VALUE))
          .idleTimeout(value(table, "idleTimeout", Values.DURATION_VALUE))
          .build();
    } catch (IllegalArgumentException e) {
      problems.add(table.origin(), "limits", String.valueOf(e.getMessage()));
      return ServerLimits.defaults();
    }
  }
}
