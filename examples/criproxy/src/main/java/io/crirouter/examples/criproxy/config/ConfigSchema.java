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
                  "idPrefix", Values.ID_PREFIX, "What ids begin with; by default from the name."),
              ConfigKey.optional(
                  "images", IMAGES, "How images are named, if other than for the rest."),
              ConfigKey.optional(
                  "runtimeHandlers",
                  HANDLERS,
                  "Runtime handlers that have another name at the runtime."),
              ConfigKey.optional(
                  "pinnedImages",
                  new ListShape(Values.PATTERN),
                  "Images that garbage collection keeps: patterns of whole names."),
              ConfigKey.optional(
                  "streamBaseUrl",
                  Values.URL,
                  "Goes before a bare path that the runtime answers to exec, attach, port-forward."),
              ConfigKey.withDefault(
                  "connectTimeout",
                  Values.DURATION_VALUE,
                  Values.text(Duration.ofSeconds(5)),
                  "How long a call waits for the connection."),
              ConfigKey.withDefault(
                  "maxResponseBytes",
                  Values.MESSAGE_BYTES,
                  Values.bytesText(16 << 20),
                  "How large a response of the runtime may be.")));

  static final ChoiceShape POLICY =
      new ChoiceShape(
          "a policy",
          List.of(
              new SectionShape(
                  List.of(
                      ConfigKey.required(
                          "annotation", Values.TEXT, "Pods choose by this annotation's value."),
                      ConfigKey.optional(
                          "values", TARGETS, "Backends by value; by default it is a name itself."),
                      ConfigKey.optional(
                          "otherValues", OTHER_VALUES, "What becomes of pods with other values."),
                      ConfigKey.optional(
                          "otherValuesTo", Values.NAME, "Where pods with other values go."))),
              only("runtimeHandler", TARGETS, "Backends by runtime handler (RuntimeClass)."),
              new SectionShape(
                  List.of(
                      ConfigKey.required(
                          "label", Values.TEXT, "Pods choose by this label's value."),
                      ConfigKey.required("values", TARGETS, "Backends by value."))),
              only("namespace", TARGETS, "Backends by namespace."),
              only("hostAccess", Values.NAME, "Where privileged and host-network pods go."),
              only("imagePrefix", TARGETS, "Backends by the beginning of an image name."),
              only("weighted", WEIGHTS, "Shares of new pods by backend; 0 drains."),
              new SectionShape(
                  List.of(
                      ConfigKey.required(
                          "cel", Values.TEXT, "A CEL expression over the pod; docs/policies.md."),
                      ConfigKey.optional(
                          "to",
                          Values.NAME,
                          "Where pods go for which it is true; without, it names a backend."))),
              only("always", Values.NAME, "Where all go that nothing before has decided.")));

  static final SectionShape TIMEOUTS = timeouts(Timeouts.DEFAULT);
  static final SectionShape LIMITS = limits(ServerLimits.defaults());
  static final SectionShape LOG =
      new SectionShape(
          List.of(
              ConfigKey.withDefault("level", LOG_LEVEL, "info", "What is logged at least."),
              ConfigKey.withDefault(
                  "format", LOG_FORMAT, "text", "Lines for people, or a JSON object in each.")));

  static final SectionShape METRICS =
      new SectionShape(
          List.of(
              ConfigKey.required(
                  "listen", TcpAddress.SHAPE, "Serves /metrics, /livez and /readyz there.")));

  static final SectionShape TRACING =
      new SectionShape(
          List.of(
              ConfigKey.required(
                  "endpoint", TcpAddress.OR_SOCKET, "Where a collector takes OTLP over gRPC."),
              ConfigKey.withDefault(
                  "samplingRatio",
                  Values.RATIO,
                  "1",
                  "The share of calls with spans, of those whose client does not decide."),
              ConfigKey.withDefault(
                  "serviceName", Values.TEXT, "criproxy", "What the spans are of.")));

  static final SectionShape ADMIN =
      new SectionShape(
          List.of(
              ConfigKey.optional(
                  "socket",
                  Values.SOCKET_OR_OFF,
                  "Where criproxy status and the like ask; by default beside listen, with -admin"
                      + " before .sock.")));

  static final SectionShape ROOT =
      new SectionShape(
          List.of(
              ConfigKey.required(
                  "listen", Values.SOCKET, "The socket that the kubelet connects to."),
              ConfigKey.optional(
                  "socketMode", Values.MODE, "Who may connect; 0600, or 0660 with a group."),
              ConfigKey.optional(
                  "socketGroup", Values.TEXT, "The group that the socket belongs to."),
              ConfigKey.optional(
                  "allowedUids",
                  new ListShape(Values.UID),
                  "The users whose processes may connect, besides; root's is 0. By default all."),
              ConfigKey.required(
                  "backends", new ListShape(BACKEND), "The runtimes, the primary first."),
              ConfigKey.withDefault(
                  "policies",
                  new ListShape(POLICY),
                  annotationPolicy(),
                  "The first that decides says where a new pod goes; else the primary gets it."),
              ConfigKey.withDefault(
                  "ids", IDS, "prefixed", "Whether ids show their runtime; see docs/ids.md."),
              ConfigKey.withDefault(
                  "images", IMAGES, "prefixed", "Whether image names show their runtime."),
              ConfigKey.optional(
                  "stateFile",
                  Values.FILE,
                  "Keeps what the runtimes had over a restart. Its folder must exist."),
              ConfigKey.optional(
                  "forget",
                  new ListShape(Values.NAME),
                  "Runtimes that will not return: drops their saved state."),
              ConfigKey.withDefault("admin", ADMIN, emptyTable(), "How operators see inside."),
              ConfigKey.withDefault("log", LOG, emptyTable(), "What is logged."),
              ConfigKey.optional("metrics", METRICS, "For Prometheus; see docs/metrics.md."),
              ConfigKey.optional("tracing", TRACING, "Spans by OTLP; see docs/metrics.md."),
              ConfigKey.withDefault(
                  "drainTimeout",
                  Values.DURATION_VALUE,
                  "20s",
                  "How long calls may go on when the proxy is told to stop."),
              ConfigKey.withDefault(
                  "timeouts", TIMEOUTS, emptyTable(), "How long the router waits for runtimes."),
              ConfigKey.withDefault(
                  "limits", LIMITS, emptyTable(), "What clients may take of the proxy.")));

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
            duration("podLists", defaults.podLists(), "A list of pods or containers."),
            duration("otherMerges", defaults.otherMerges(), "Any other merged response."),
            duration("connecting", defaults.connecting(), "A secondary that is connecting."),
            duration("ownQueries", defaults.ownQueries(), "A query of the router itself."),
            duration("firstContact", defaults.firstContact(), "All runtimes, before it listens."),
            duration("afterLoss", defaults.afterLoss(), "Calls to a secondary that is lost."),
            duration(
                "lateAnswers", defaults.lateAnswers(), "A response that came too late to show.")));
  }

  private static SectionShape limits(ServerLimits defaults) {
    return new SectionShape(
        List.of(
            ConfigKey.withDefault(
                "maxRequestBytes",
                Values.MESSAGE_BYTES,
                Values.bytesText(defaults.maxRequestBytes()),
                "How large a request may be."),
            bytes(
                "requestBytesPerConnection",
                defaults.requestBytesPerConnection(),
                "Requests under way on one connection."),
            bytes("requestBytes", defaults.requestBytes(), "Requests under way on all together."),
            bytes(
                "unreadBytesPerConnection",
                defaults.unreadBytesPerConnection(),
                "Answers that wait for one client to read them."),
            bytes("unreadBytes", defaults.unreadBytes(), "Answers that wait for all together."),
            count("callsPerConnection", defaults.callsPerConnection(), "Calls under way on one."),
            count("connections", defaults.connections(), "Connections."),
            count("resets", defaults.resets(), "Calls that a client may reset in resetWindow."),
            duration("resetWindow", defaults.resetWindow(), "In whole seconds; see resets."),
            duration(
                "handshakeTimeout",
                defaults.handshakeTimeout(),
                "How long a new connection may be silent."),
            duration(
                "idleTimeout",
                defaults.idleTimeout(),
                "How long a connection may be without calls.")));
  }
}
