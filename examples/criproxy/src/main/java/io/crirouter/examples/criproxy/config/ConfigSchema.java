package io.crirouter.examples.criproxy.config;

import io.crirouter.core.BackendName;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.Timeouts;
import io.crirouter.examples.criproxy.config.ConfigNode.Entry;
import io.crirouter.examples.criproxy.config.ConfigNode.Items;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import io.crirouter.examples.criproxy.config.ConfigNode.Text;
import io.crirouter.examples.criproxy.logging.LogFormat;
import io.crirouter.examples.criproxy.logging.LogLevel;
import io.crirouter.grpc.ServerLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every key that a configuration can have. */
final class ConfigSchema {
  static final ValueShape<IdStrategy> IDS =
      Values.choice(words("prefixed", IdStrategy.prefixed(), "native", IdStrategy.nativeIds()));
  static final ValueShape<ImageStrategy> IMAGES =
      Values.choice(words("prefixed", ImageStrategy.prefixed(), "shared", ImageStrategy.shared()));
  static final ValueShape<Boolean> OTHER_VALUES =
      Values.choice(words("refuse", false, "ignore", true));
  static final ValueShape<LogLevel> LOG_LEVEL = Values.choice(words(LogLevel.values()));
  static final ValueShape<LogFormat> LOG_FORMAT = Values.choice(words(LogFormat.values()));

  static final TableShape<String, BackendName> TARGETS =
      new TableShape<>("a table of backend names", Values.TEXT, Values.NAME);
  static final TableShape<String, String> HANDLERS =
      new TableShape<>("a table of the runtime's handler names", Values.TEXT, Values.TEXT);
  static final TableShape<BackendName, Integer> WEIGHTS =
      new TableShape<>("a table of weights by backend", Values.NAME, Values.WEIGHT);

  static final SectionShape BACKEND =
      new SectionShape(
          List.of(
              ConfigKey.required("name", Values.NAME, "The name that pods and image names use."),
              ConfigKey.required("endpoint", Values.SOCKET, "The socket of the runtime."),
              ConfigKey.optional(
                  "idPrefix", Values.ID_PREFIX, "Prefix of ids; by default from the name."),
              ConfigKey.optional("images", IMAGES, "Overrides the key images for this runtime."),
              ConfigKey.optional(
                  "runtimeHandlers",
                  HANDLERS,
                  "Handlers of pods, by name, with their names at the runtime."),
              ConfigKey.optional(
                  "pinnedImages",
                  new ListShape(Values.PATTERN),
                  "Patterns of whole image names, kept by garbage collection."),
              ConfigKey.optional(
                  "streamBaseUrl",
                  Values.URL,
                  "Base URL for exec, attach and port-forward, if the runtime answers paths."),
              ConfigKey.withDefault(
                  "connectTimeout",
                  Values.DURATION_VALUE,
                  Values.text(Duration.ofSeconds(5)),
                  "Longest wait of a call for the connection."),
              ConfigKey.withDefault(
                  "maxResponseBytes",
                  Values.MESSAGE_BYTES,
                  Values.bytesText(16 << 20),
                  "Largest response of the runtime.")));

  static final ChoiceShape POLICY =
      new ChoiceShape(
          "a policy",
          List.of(
              new SectionShape(
                  List.of(
                      ConfigKey.required(
                          "annotation", Values.TEXT, "Annotation that selects the backend."),
                      ConfigKey.optional(
                          "values",
                          TARGETS,
                          "Backend for each value; by default the value names it."),
                      ConfigKey.optional(
                          "otherValues", OTHER_VALUES, "Refuse or ignore pods with other values."),
                      ConfigKey.optional(
                          "otherValuesTo", Values.NAME, "Backend for pods with other values."))),
              only("runtimeHandler", TARGETS, "Backend for each runtime handler (RuntimeClass)."),
              new SectionShape(
                  List.of(
                      ConfigKey.required("label", Values.TEXT, "Label that selects the backend."),
                      ConfigKey.required("values", TARGETS, "Backend for each value."))),
              only("namespace", TARGETS, "Backend for each namespace."),
              only("hostAccess", Values.NAME, "Backend for pods with access to the host."),
              only("imagePrefix", TARGETS, "Backend for each prefix of image names."),
              only("weighted", WEIGHTS, "Weight of each backend for new pods; 0 drains it."),
              new SectionShape(
                  List.of(
                      ConfigKey.required(
                          "cel", Values.TEXT, "CEL expression over the pod; docs/policies.md."),
                      ConfigKey.optional(
                          "to",
                          Values.NAME,
                          "Backend if it is true; by default the expression names it."))),
              only("always", Values.NAME, "Backend for all remaining pods.")));

  static final SectionShape TIMEOUTS = timeouts(Timeouts.DEFAULT);
  static final SectionShape LIMITS = limits(ServerLimits.defaults());
  static final SectionShape LOG =
      new SectionShape(
          List.of(
              ConfigKey.withDefault("level", LOG_LEVEL, "info", "The lowest level that is logged."),
              ConfigKey.withDefault(
                  "format", LOG_FORMAT, "text", "Plain lines, or one JSON object a line.")));

  static final SectionShape METRICS =
      new SectionShape(
          List.of(
              ConfigKey.required(
                  "listen", TcpAddress.SHAPE, "TCP address for /metrics, /livez and /readyz.")));

  static final SectionShape TRACING =
      new SectionShape(
          List.of(
              ConfigKey.required(
                  "endpoint", TcpAddress.OR_SOCKET, "Address of an OTLP collector (gRPC)."),
              ConfigKey.withDefault(
                  "samplingRatio",
                  Values.RATIO,
                  "1",
                  "Share of calls that are traced, where the client does not decide."),
              ConfigKey.withDefault(
                  "serviceName", Values.TEXT, "criproxy", "Service name in the spans.")));

  static final SectionShape ADMIN =
      new SectionShape(
          List.of(
              ConfigKey.optional(
                  "socket",
                  Values.SOCKET_OR_OFF,
                  "Admin socket, for criproxy status and others; by default beside listen, with -admin"
                      + " before .sock.")));

  static final SectionShape ROOT =
      new SectionShape(
          List.of(
              ConfigKey.required(
                  "listen", Values.SOCKET, "The socket that the kubelet connects to."),
              ConfigKey.optional(
                  "socketMode", Values.MODE, "Mode of the socket; 0600, or 0660 with a group."),
              ConfigKey.optional("socketGroup", Values.TEXT, "Group of the socket."),
              ConfigKey.optional(
                  "allowedUids",
                  new ListShape(Values.UID),
                  "Uids whose processes may connect, besides the mode; 0 is root. By default all."),
              ConfigKey.required(
                  "backends", new ListShape(BACKEND), "The runtimes, the primary first."),
              ConfigKey.withDefault(
                  "policies",
                  new ListShape(POLICY),
                  annotationPolicy(),
                  "The first that decides selects the backend of a new pod; else the primary."),
              ConfigKey.withDefault(
                  "ids", IDS, "prefixed", "Whether ids have a prefix; see docs/ids.md."),
              ConfigKey.withDefault(
                  "images", IMAGES, "prefixed", "Whether image names have a prefix."),
              ConfigKey.optional(
                  "stateFile",
                  Values.FILE,
                  "Keeps the last known state over a restart. Its folder must exist."),
              ConfigKey.optional(
                  "forget",
                  new ListShape(Values.NAME),
                  "Removed runtimes whose saved state is dropped."),
              ConfigKey.withDefault("admin", ADMIN, emptyTable(), "The admin socket."),
              ConfigKey.withDefault("log", LOG, emptyTable(), "Level and format of the log."),
              ConfigKey.optional("metrics", METRICS, "For Prometheus; see docs/metrics.md."),
              ConfigKey.optional("tracing", TRACING, "Traces by OTLP; see docs/metrics.md."),
              ConfigKey.withDefault(
                  "drainTimeout",
                  Values.DURATION_VALUE,
                  "20s",
                  "Time for calls to finish at SIGTERM."),
              ConfigKey.withDefault(
                  "timeouts", TIMEOUTS, emptyTable(), "Longest waits for runtimes."),
              ConfigKey.withDefault("limits", LIMITS, emptyTable(), "Limits for clients.")));

  private ConfigSchema() {}

  private static SectionShape only(String name, Shape shape, String about) {
    return new SectionShape(List.of(ConfigKey.required(name, shape, about)));
  }

  private static <T> Map<String, T> words(String one, T first, String other, T second) {
    Map<String, T> words = new LinkedHashMap<>();
    words.put(one, first);
    words.put(other, second);
    return words;
  }

  private static <E extends Enum<E>> Map<String, E> words(E[] constants) {
    Map<String, E> words = new LinkedHashMap<>();
    Arrays.stream(constants).forEach(constant -> words.put(constant.toString(), constant));
    return words;
  }

  private static ConfigNode emptyTable() {
    return new Table(Map.of(), Origin.DEFAULT);
  }

  private static ConfigNode annotationPolicy() {
    Text key = new Text(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, Origin.DEFAULT);
    Table policy = new Table(Map.of("annotation", Entry.of(key)), Origin.DEFAULT);
    return new Items(List.of(policy), Origin.DEFAULT);
  }

  private static ConfigKey duration(String name, Duration fallback, String about) {
    return ConfigKey.withDefault(name, Values.DURATION_VALUE, Values.text(fallback), about);
  }

  private static ConfigKey bytes(String name, long fallback, String about) {
    return ConfigKey.withDefault(name, Values.BYTES_VALUE, Values.bytesText(fallback), about);
  }

  private static ConfigKey count(String name, int fallback, String about) {
    return ConfigKey.withDefault(name, Values.COUNT, Integer.toString(fallback), about);
  }

  private static SectionShape timeouts(Timeouts defaults) {
    return new SectionShape(
        List.of(
            duration("podLists", defaults.podLists(), "Wait of pod and container lists."),
            duration("otherMerges", defaults.otherMerges(), "Wait of other merged calls."),
            duration("connecting", defaults.connecting(), "Wait for a connecting secondary."),
            duration("ownQueries", defaults.ownQueries(), "Wait for the router's own queries."),
            duration("firstContact", defaults.firstContact(), "Wait for all runtimes at start."),
            duration("afterLoss", defaults.afterLoss(), "Time for calls to a lost secondary."),
            duration(
                "lateAnswers",
                defaults.lateAnswers(),
                "Time in which a late response updates the state.")));
  }

  private static SectionShape limits(ServerLimits defaults) {
    return new SectionShape(
        List.of(
            ConfigKey.withDefault(
                "maxRequestBytes",
                Values.MESSAGE_BYTES,
                Values.bytesText(defaults.maxRequestBytes()),
                "Largest request."),
            bytes(
                "requestBytesPerConnection",
                defaults.requestBytesPerConnection(),
                "Memory of the requests under way on one connection."),
            bytes("requestBytes", defaults.requestBytes(), "The same on all connections together."),
            bytes(
                "unreadBytesPerConnection",
                defaults.unreadBytesPerConnection(),
                "Memory of unread responses of one connection."),
            bytes("unreadBytes", defaults.unreadBytes(), "The same of all connections together."),
            count(
                "callsPerConnection",
                defaults.callsPerConnection(),
                "Calls under way on one connection."),
            count("connections", defaults.connections(), "Open connections."),
            count("resets", defaults.resets(), "Calls that a client may reset within resetWindow."),
            duration("resetWindow", defaults.resetWindow(), "Window of resets; whole seconds."),
            duration(
                "handshakeTimeout",
                defaults.handshakeTimeout(),
                "Longest silence of a new connection."),
            duration(
                "idleTimeout",
                defaults.idleTimeout(),
                "Longest time of a connection without calls.")));
  }
}
