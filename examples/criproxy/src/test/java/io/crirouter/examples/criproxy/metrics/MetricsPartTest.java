package io.crirouter.examples.criproxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.metrics.MeteredProxy.Answer;
import io.crirouter.examples.criproxy.tracing.SpanCounts;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.testkit.ResponseStream;
import io.grpc.StatusRuntimeException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The metrics and probes of a proxy. */
@Timeout(60)
class MetricsPartTest {
  private static final RunPodSandboxRequest POD = pod("one", "kata");

  @TempDir private Path folder;

  @BeforeAll
  static void shortenLimits() {
    MeteredProxy.shortenLimits();
  }

  private static RunPodSandboxRequest pod(String name, String runtime) {
    PodSandboxMetadata metadata =
        PodSandboxMetadata.newBuilder().setName(name).setNamespace("n").setUid(name).build();
    return RunPodSandboxRequest.newBuilder()
        .setConfig(
            PodSandboxConfig.newBuilder()
                .setMetadata(metadata)
                .putAnnotations("kubernetes.io/target-runtime", runtime))
        .build();
  }

  @Test
  void callsAreCountedByRpcCodeAndRuntime() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      proxy.client.runtime().runPodSandbox(POD);
      proxy.client.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
      assertThatThrownBy(
              () ->
                  proxy
                      .client
                      .runtime()
                      .podSandboxStatus(
                          PodSandboxStatusRequest.newBuilder().setPodSandboxId("none").build()))
          .isInstanceOf(StatusRuntimeException.class);

      Answer metrics = proxy.get("/metrics");

      assertThat(metrics.status()).isEqualTo(200);
      assertThat(metrics.value("criproxy_calls_total{code=\"OK\",rpc=\"RunPodSandbox\"}"))
          .isEqualTo("1.0");
      assertThat(metrics.value("criproxy_calls_total{code=\"NOT_FOUND\",rpc=\"PodSandboxStatus\"}"))
          .isEqualTo("1.0");
      assertThat(
              metrics.value(
                  "criproxy_backend_calls_total"
                      + "{backend=\"kata\",code=\"OK\",rpc=\"RunPodSandbox\"}"))
          .isEqualTo("1.0");
      assertThat(
              metrics.value(
                  "criproxy_backend_call_duration_seconds_count"
                      + "{backend=\"containerd\",rpc=\"ListPodSandbox\"}"))
          .as("those of the router itself do not count")
          .isEqualTo("1");
      assertThat(metrics.value("criproxy_call_duration_seconds_count{rpc=\"ListPodSandbox\"}"))
          .isEqualTo("1");
      assertThat(metrics.value("criproxy_pods_placed_total{backend=\"kata\",rule=\"policy\"}"))
          .isEqualTo("1.0");
      assertThat(metrics.value("criproxy_request_bytes_total{rpc=\"RunPodSandbox\"}"))
          .isEqualTo(POD.getSerializedSize() + ".0");
      assertThat(metrics.body()).doesNotContain("rpc=\"PullImage\"");
    }
  }

  @Test
  void runtimesServerAndStateAreMeasured() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      proxy.client.runtime().runPodSandbox(POD);

      Answer metrics = proxy.await("/metrics", "criproxy_state_saves_total{outcome=\"saved\"} ");

      assertThat(metrics.value("criproxy_backend_state{backend=\"kata\",state=\"ready\"}"))
          .isEqualTo("1.0");
      assertThat(metrics.value("criproxy_backend_state{backend=\"kata\",state=\"lost\"}"))
          .isEqualTo("0.0");
      assertThat(metrics.value("criproxy_backend_pod_sandboxes{backend=\"kata\"}"))
          .isEqualTo("1.0");
      assertThat(metrics.value("criproxy_connections")).isEqualTo("1.0");
      assertThat(metrics.value("criproxy_calls_refused_total")).isEqualTo("0.0");
      assertThat(metrics.value("criproxy_log_lines_dropped_total")).isEqualTo("0.0");
      assertThat(metrics.value("criproxy_build_info{version=\"1.2.3\"}")).isEqualTo("1.0");
      assertThat(Double.parseDouble(metrics.value("process_resident_memory_bytes")))
          .isGreaterThan(1e6);
      assertThat(Double.parseDouble(metrics.value("criproxy_state_saved_timestamp_seconds")))
          .isGreaterThan(1.7e9);
    }
  }

  @Test
  void aSaveThatFailsIsCounted() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      Files.createDirectories(folder.resolve("state.new/in the way"));

      proxy.client.runtime().runPodSandbox(POD);

      proxy.await("/metrics", "criproxy_state_saves_total{outcome=\"failed\"} 1.0");
    }
  }

  @Test
  void aStreamOfEventsIsInFlightUntilItEnds() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      String inFlight = "criproxy_calls_in_flight{rpc=\"GetContainerEvents\"} ";
      try (ResponseStream<?> events =
          proxy.client.stream(
              RuntimeServiceGrpc.getGetContainerEventsMethod(),
              GetEventsRequest.getDefaultInstance())) {
        proxy.await("/metrics", inFlight + "1.0");
        assertThat(events).isNotNull();
      }

      Answer metrics = proxy.await("/metrics", inFlight + "0.0");
      assertThat(metrics.body())
          .doesNotContain("call_duration_seconds_count{rpc=\"GetContainerEvents\"");
    }
  }

  @Test
  void lastKnownStateOfALostRuntimeIsCounted() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      proxy.client.runtime().runPodSandbox(POD);
      proxy.kata.down();
      proxy.await("/metrics", "criproxy_backend_state{backend=\"kata\",state=\"lost\"} 1.0");

      proxy.client.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());

      Answer metrics = proxy.get("/metrics");
      String labels = "{backend=\"kata\",rpc=\"ListPodSandbox\"}";
      assertThat(metrics.value("criproxy_backend_last_known_served_total" + labels))
          .isEqualTo("1.0");
      assertThat(metrics.value("criproxy_backend_calls_unsent_total" + labels)).isEqualTo("1.0");
      assertThat(
              metrics.value(
                  "criproxy_backend_state_changes_total{backend=\"kata\",state=\"lost\"}"))
          .isEqualTo("1.0");
    }
  }

  @Test
  void probesReportLivenessAndReadinessWithTheReason() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder)) {
      assertThat(proxy.get("/livez")).isEqualTo(new Answer(200, "ok\n"));
      assertThat(proxy.get("/readyz").status()).isEqualTo(503);
      assertThat(proxy.get("/readyz").body()).contains("it does not listen yet");

      proxy.listen();
      assertThat(proxy.get("/readyz")).isEqualTo(new Answer(200, "ok\n"));

      proxy.loseThePrimary();
      proxy.await("/readyz", "the primary, containerd, is not ready: ");
      assertThat(proxy.get("/livez").status()).as("a restart would not help").isEqualTo(200);
    }
  }

  @Test
  void anEventLoopThatHangsIsNotAlive() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      Object end = new Object();
      synchronized (end) {
        var unused =
            proxy
                .service
                .eventLoops()
                .scheduler()
                .schedule(
                    Duration.ZERO,
                    () -> {
                      synchronized (end) {
                        end.notifyAll();
                      }
                    });

        assertThat(proxy.get("/livez"))
            .isEqualTo(new Answer(503, "the event loop has not answered for 3 s\n"));
        assertThat(proxy.get("/readyz").status()).isEqualTo(503);
      }
      assertThat(proxy.get("/livez").status()).isEqualTo(200);
    }
  }

  @Test
  void theNumberOfSeriesDoesNotGrowWithClientInput() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      proxy.client.runtime().runPodSandbox(POD);
      Set<String> before = series(proxy);

      for (int i = 0; i < 20; i++) {
        proxy.client.runtime().runPodSandbox(pod("pod" + i, "kata"));
      }

      assertThat(series(proxy)).isEqualTo(before);
    }
  }

  private static Set<String> series(MeteredProxy proxy) throws Exception {
    return proxy
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("criproxy_"))
        .map(line -> line.substring(0, line.lastIndexOf(' ')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everySeriesIsDocumented() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      proxy.client.runtime().runPodSandbox(POD);
      Set<String> shown = new HashSet<>();
      Pattern type = Pattern.compile("# TYPE (\\S+) (\\S+)");
      type.matcher(proxy.get("/metrics").body())
          .results()
          .filter(line -> line.group(1).startsWith("criproxy_"))
          .forEach(line -> shown.add(line.group(1) + " " + line.group(2)));

      assertThat(
              proxy.metrics().documented().stream()
                  .map(family -> family.name() + " " + family.type()))
          .as("all are shown, with their types")
          .containsExactlyInAnyOrderElementsOf(shown);
    }
  }

  @Test
  void anAddressInUseIsBadConfiguration() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      Path file = folder.resolve("f.yaml");
      Files.writeString(
          file,
          "listen: /l\nbackends: [{name: c, endpoint: /c}]\nmetrics:\n  listen: "
              + taken.getLocalPort());
      ProxyConfig config = ProxyConfig.of(ProxyConfig.load(file));

      assertThatThrownBy(() -> MetricsPart.of(config, "", new SpanCounts(), false))
          .isInstanceOf(BadConfigurationException.class)
          .hasMessageStartingWith(file + ":4:3: cannot listen at 127.0.0.1:" + taken.getLocalPort())
          .hasMessageEndingWith("for metrics: Address already in use");
    }
  }
}
