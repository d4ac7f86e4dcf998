package io.crirouter.examples.criproxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.Timeouts;
import io.crirouter.examples.criproxy.cel.CelPolicy;
import io.crirouter.examples.criproxy.config.ConfigNode.Items;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import io.crirouter.examples.criproxy.logging.LogFormat;
import io.crirouter.examples.criproxy.logging.LogLevel;
import io.crirouter.grpc.ServerLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The parsing of configuration files. */
class ProxyConfigTest {
  private static final Path EVERY_KEY = Path.of("conf/every-key.yaml");
  private static final Path SCHEMA = Path.of("conf/criproxy.schema.json");

  private static ProxyConfig read(String yaml) throws BadConfigurationException {
    return ProxyConfig.of(YamlFile.parse("f", yaml));
  }

  @Test
  void theExampleHasEveryKey() throws Exception {
    Set<String> missing = new TreeSet<>();
    collect(ConfigSchema.ROOT, "", missing);
    assertThat(missing).hasSizeGreaterThan(50);

    remove(ProxyConfig.load(EVERY_KEY), "", missing);

    assertThat(missing).isEmpty();
  }

  private static void collect(Shape shape, String path, Set<String> keys) {
    if (shape instanceof SectionShape section) {
      for (ConfigKey key : section.keys()) {
        keys.add(path + key.name());
        collect(key.shape(), path + key.name() + ".", keys);
      }
    } else if (shape instanceof ListShape list) {
      collect(list.item(), path, keys);
    } else if (shape instanceof ChoiceShape choice) {
      choice.kinds().forEach(kind -> collect(kind, path, keys));
    }
  }

  private static void remove(ConfigNode node, String path, Set<String> keys) {
    if (node instanceof Table table) {
      table
          .entries()
          .forEach(
              (key, entry) -> {
                keys.remove(path + key);
                remove(entry.value(), path + key + ".", keys);
              });
    } else if (node instanceof Items items) {
      items.values().forEach(item -> remove(item, path, keys));
    }
  }

  @Test
  void everyKeyOfTheProxyIsRead() throws Exception {
    ProxyConfig config = ProxyConfig.of(ProxyConfig.load(EVERY_KEY));

    assertThat(config.listen()).isEqualTo(Path.of("/run/criproxy/criproxy.sock"));
    assertThat(config.socketMode()).contains(PosixFilePermissions.fromString("rw-rw----"));
    assertThat(config.socketGroup()).contains("root");
    assertThat(config.allowedUids()).containsExactlyInAnyOrder(0, 1000);
    assertThat(config.metricsListen())
        .contains(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9095));
    assertThat(config.tracing())
        .contains(
            new TracingConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 4317), 0.05, "cri"));
    assertThat(config.ids()).isEqualTo(IdStrategy.nativeIds());
    assertThat(config.images()).isEqualTo(ImageStrategy.shared());
    assertThat(config.adminSocket()).contains(Path.of("/run/criproxy/status.sock"));
    assertThat(config.stateFile()).contains(Path.of("/var/lib/criproxy/state"));
    assertThat(config.forget()).containsExactly(BackendName.of("virtlet.cloud"));
    assertThat(config.logLevel()).isEqualTo(LogLevel.DEBUG);
    assertThat(config.logFormat()).isEqualTo(LogFormat.JSON);
    assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.timeouts())
        .hasToString(
            "Timeouts(podLists PT0.4S, otherMerges PT4S, connecting PT3S, ownQueries PT6S,"
                + " firstContact PT2S, afterLoss PT40S, lateAnswers PT3M)");
    assertThat(config.limits())
        .hasToString(
            "ServerLimits(maxRequestBytes=8388608, requestBytes=16777216/67108864,"
                + " unreadBytes=16777216/100663296, callsPerConnection=500, connections=64,"
                + " resets=200 in PT5S, handshakeTimeout=PT3S, idleTimeout=PT1H)");
  }

  @Test
  void everyKeyOfABackendIsRead() throws Exception {
    ProxyConfig config = ProxyConfig.of(ProxyConfig.load(EVERY_KEY));

    assertThat(config.backends())
        .extracting(backend -> backend.name().value())
        .containsExactly("containerd", "kata", "wasm");
    assertThat(config.backends().get(0).socket())
        .isEqualTo(Path.of("/run/containerd/containerd.sock"));
    BackendConfig kata = config.backends().get(1);
    assertThat(kata.socket()).isEqualTo(Path.of("/run/kata/cri.sock"));
    assertThat(kata.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(kata.maxResponseBytes()).isEqualTo(32 << 20);
    assertThat(kata.options().idPrefix()).contains("vm");
    assertThat(kata.options().images()).contains(ImageStrategy.shared());
    assertThat(kata.options().runtimeHandlers()).containsOnly(Map.entry("vm", "kata-qemu"));
    assertThat(kata.options().streamBaseUrl()).contains("http://127.0.0.1:10010");
    assertThat(kata.options().pinnedImages())
        .extracting(Pattern::pattern)
        .containsExactly(".*/pause:[0-9.]+");
  }

  @Test
  void policiesAreEvaluatedInTheirOrder() throws Exception {
    RoutingPolicy policy = ProxyConfig.of(ProxyConfig.load(EVERY_KEY)).policy();

    RoutingPolicy expected =
        RoutingPolicy.firstOf(
            RoutingPolicy.annotation(),
            RoutingPolicy.annotation(
                    "example.com/isolation", Map.of("vm", name("kata"), "sandbox", name("wasm")))
                .withOtherValuesIgnored(),
            RoutingPolicy.annotation("example.com/speed", Map.of("fast", name("containerd")))
                .withOtherValuesTo(name("kata")),
            RoutingPolicy.runtimeHandler(Map.of("vm", name("kata"))),
            RoutingPolicy.label("tier", Map.of("batch", name("wasm"))),
            RoutingPolicy.namespace(Map.of("tenant-a", name("kata"))),
            RoutingPolicy.imagePrefix(Map.of("registry.example/vm/", name("kata"))),
            RoutingPolicy.hostAccess(name("containerd")),
            CelPolicy.condition("pod.name.startsWith('db-') && !pod.hostPid", name("kata")),
            RoutingPolicy.weighted(Map.of(name("containerd"), 95, name("kata"), 5)),
            RoutingPolicy.always(name("containerd")));
    assertThat(policy).hasToString(expected.toString());
  }

  private static BackendName name(String name) {
    return BackendName.of(name);
  }

  @Test
  void defaultsAreThoseOfTheLibrary() throws Exception {
    ProxyConfig config = read("listen: /l\nbackends: [{name: a, endpoint: /a}]");

    assertThat(config.limits()).hasToString(ServerLimits.defaults().toString());
    assertThat(config.timeouts()).hasToString(Timeouts.DEFAULT.toString());
    assertThat(config.policy()).hasToString(RoutingPolicy.annotation().toString());
    assertThat(config.ids()).isEqualTo(IdStrategy.prefixed());
    assertThat(config.images()).isEqualTo(ImageStrategy.prefixed());
    assertThat(config.socketMode()).isEmpty();
    assertThat(config.stateFile()).isEmpty();
    assertThat(config.logLevel()).isEqualTo(LogLevel.INFO);
    assertThat(config.backends().get(0).options()).hasToString(BackendOptions.DEFAULT.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "/run/criproxy.sock, /run/criproxy-admin.sock",
    "/run/cri, /run/cri-admin.sock",
    "/run/x.sock.sock, /run/x.sock-admin.sock"
  })
  void theAdminSocketIsBesideTheListenSocket(String listen, String admin) throws Exception {
    String backends = "\nbackends: [{name: a, endpoint: /a}]";

    assertThat(read("listen: " + listen + backends).adminSocket()).contains(Path.of(admin));
    assertThat(read("listen: " + listen + backends + "\nadmin: {socket: off}").adminSocket())
        .isEmpty();
  }

  @Test
  void thereIsNoDefaultAdminSocketIfItsPathIsTooLong() throws Exception {
    String longest = "/" + "x".repeat(95);

    assertThat(read("listen: " + longest + "\nbackends: [{name: a, endpoint: /a}]").adminSocket())
        .contains(Path.of(longest + "-admin.sock"));
    assertThat(read("listen: " + longest + "x\nbackends: [{name: a, endpoint: /a}]").adminSocket())
        .isEmpty();
  }

  @Test
  void shownConfigurationsCanBeReadAgain() throws Exception {
    ProxyConfig config = ProxyConfig.of(ProxyConfig.load(EVERY_KEY));

    ProxyConfig again = read(config.describe());

    assertThat(again.describe().replaceAll(" *# .*", ""))
        .isEqualTo(config.describe().replaceAll(" *# .*", ""));
    assertThat(again.policy()).hasToString(config.policy().toString());
  }

  @Test
  void ambiguousYamlTextIsShownInQuotes() throws Exception {
    String yaml =
        "listen: '/l: \"\\ #x'\nbackends: [{name: a, endpoint: /a}]\n"
            + "policies: [{label: 'null', values: {'true': a, \"a\\tb\": a, '- ': a}}]";

    ProxyConfig again = read(read(yaml).describe());

    assertThat(again.listen()).isEqualTo(Path.of("/l: \"\\ #x"));
    assertThat(again.policy()).hasToString(read(yaml).policy().toString());
  }

  @Test
  void theSchemaInTheRepositoryIsThatOfTheProgram() throws Exception {
    assertThat(SCHEMA).hasContent(ProxyConfig.jsonSchema());
  }

  /** Which runtime gets a pod, for a sample of each policy. */
  @Test
  void eachPolicyDecides() throws Exception {
    String start =
        "listen: /l\nbackends: [{name: a, endpoint: /a}, {name: b, endpoint: /b}]\npolicies: [";
    PodView pod =
        PodView.builder()
            .namespace("ns")
            .name("web")
            .uid("u")
            .label("l", "v")
            .annotation("k", "v")
            .annotation(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "b")
            .runtimeHandler("h")
            .hostNetwork(true)
            .build();
    for (String policy :
        new String[] {
          "annotation: kubernetes.io/target-runtime",
          "annotation: k, values: {v: b}",
          "annotation: k, values: {w: a}, otherValuesTo: b",
          "runtimeHandler: {h: b}",
          "label: l, values: {v: b}",
          "namespace: {ns: b}",
          "hostAccess: b",
          "weighted: {a: 0, b: 1}",
          "cel: pod.namespace != 'x', to: b",
          "cel: \"has(pod.labels.l) ? 'b' : ''\"",
          "always: b"
        }) {
      assertThat(read(start + "{" + policy + "}]").policy().forPod(pod))
          .as(policy)
          .contains(BackendName.of("b"));
    }
  }
}
