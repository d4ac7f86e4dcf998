package io.crirouter.examples.criproxy.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CallMetadata;
import io.crirouter.examples.criproxy.service.Await;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.ServedNode;
import io.crirouter.examples.criproxy.tracing.Collector.Received;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.crirouter.testkit.CriClient;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans of a proxy at a collector. */
@Timeout(60)
class TracingPartTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final String SAMPLED = "00-" + TRACE + "-" + PARENT + "-01";
  private static final String NOT_SAMPLED = "00-" + TRACE + "-" + PARENT + "-00";
  private static final RunPodSandboxRequest POD =
      RunPodSandboxRequest.newBuilder()
          .setConfig(
              PodSandboxConfig.newBuilder()
                  .setMetadata(
                      PodSandboxMetadata.newBuilder()
                          .setName("web")
                          .setUid("uid")
                          .setNamespace("tenant")))
          .build();

  @TempDir private Path folder;
  private final SpanCounts counts = new SpanCounts();
  private ServedNode node;
  private Collector collector;

  @BeforeEach
  void start() throws Exception {
    node = new ServedNode(folder, "containerd", "vm");
    collector = Collector.atSocket(folder.resolve("collector.sock"));
  }

  @AfterEach
  void stop() {
    collector.close();
    node.close();
  }

  /** A proxy and a client of it. When it is closed, its spans are at the collector. */
  private final class Traced implements AutoCloseable {
    final ProxyService service;
    final CriClient client;

    Traced(String tracing) throws Exception {
      node.write(
          node.config(
              node.backend("containerd") + node.backend("vm"),
              "policies: [{namespace: {tenant: vm}}]\ntracing: {" + tracing + "}\n"));
      service = node.start(TracingPart.of(node.read(), "1.2.3", counts).orElseThrow());
      client = CriClient.connect(node.socket);
    }

    Traced() throws Exception {
      this("endpoint: " + folder.resolve("collector.sock"));
    }

    RuntimeServiceBlockingStub with(String traceparent) {
      Metadata headers = new Metadata();
      headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), traceparent);
      headers.put(Metadata.Key.of("tracestate", Metadata.ASCII_STRING_MARSHALLER), "k=v");
      headers.put(Metadata.Key.of("baggage", Metadata.ASCII_STRING_MARSHALLER), "who=me");
      return client.runtime().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    @Override
    public void close() {
      client.close();
      service.close();
    }
  }

  private Stream<String> header(String runtime, String rpc, String name) {
    CallMetadata headers = node.runtime(runtime).journal().callsOf(rpc).get(0).metadata();
    return headers.entries().stream()
        .filter(entry -> entry.key().equals(name))
        .map(entry -> entry.value().toStringUtf8());
  }

  private Received only(long kind) {
    List<Received> spans = collector.spans().stream().filter(span -> span.kind() == kind).toList();
    assertThat(spans).hasSize(1);
    return spans.get(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPodStartIsInTheTraceOfTheKubeletWithTheRuntimesSpanBelow(boolean overTcp) throws Exception {
    if (overTcp) {
      collector.close();
      collector = Collector.atPort();
    }
    String endpoint =
        overTcp ? "127.0.0.1:" + collector.port() : "unix://" + folder.resolve("collector.sock");
    try (Traced proxy = new Traced("endpoint: '" + endpoint + "', serviceName: node-proxy")) {
      var unused = proxy.with(SAMPLED).runPodSandbox(POD);
    }

    Received call = only(2);
    Received part = only(3);
    assertThat(call.trace()).isEqualTo(TRACE);
    assertThat(call.parent()).isEqualTo(PARENT);
    assertThat(call.name()).isEqualTo("runtime.v1.RuntimeService/RunPodSandbox");
    assertThat(call.attributes())
        .containsEntry("rpc.system", "grpc")
        .containsEntry("rpc.service", "runtime.v1.RuntimeService")
        .containsEntry("rpc.method", "RunPodSandbox")
        .containsEntry("rpc.grpc.status_code", "0")
        .containsEntry("cri.rule", "POLICY")
        .containsEntry("cri.policy", "namespace({tenant=vm})")
        .containsEntry("cri.backends", "[vm]")
        .containsEntry("cri.subject", "pod tenant/web");
    assertThat(call.resource())
        .containsEntry("service.name", "node-proxy")
        .containsEntry("service.version", "1.2.3")
        .containsKey("host.name");
    assertThat(call.status()).isZero();
    assertThat(part.trace()).isEqualTo(TRACE);
    assertThat(part.parent()).isEqualTo(call.id());
    assertThat(part.attributes())
        .containsEntry("cri.backend", "vm")
        .containsEntry("rpc.method", "RunPodSandbox")
        .containsEntry("rpc.grpc.status_code", "0");
    assertThat(header("vm", "RunPodSandbox", "traceparent"))
        .containsExactly("00-" + TRACE + "-" + part.id() + "-01");
    assertThat(header("vm", "RunPodSandbox", "tracestate")).containsExactly("k=v");
    assertThat(header("vm", "RunPodSandbox", "baggage")).containsExactly("who=me");
    assertThat(counts.sent()).isEqualTo(2);
  }

  @Test
  void aListHasASpanForEachRuntimeAndAnEventForALostOne() throws Exception {
    try (Traced proxy = new Traced()) {
      var unused = proxy.with(SAMPLED).listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
      node.stop("vm");
      Await.until(
          "vm is lost", () -> proxy.service.router().backends().get(1).phase() == Phase.LOST);
      unused = proxy.with(SAMPLED).listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
    }

    List<Received> calls = collector.spans().stream().filter(span -> span.kind() == 2).toList();
    assertThat(calls).hasSize(2);
    assertThat(parts(calls.get(0))).containsExactlyInAnyOrder("containerd", "vm");
    assertThat(calls.get(0).events()).isEmpty();
    assertThat(parts(calls.get(1))).containsExactly("containerd");
    assertThat(calls.get(1).events())
        .containsExactly("cri.not_asked{cri.backend=vm}", "cri.last_known{cri.backend=vm}");
  }

  private Stream<String> parts(Received call) {
    return collector.spans().stream()
        .filter(span -> span.parent().equals(call.id()))
        .map(span -> span.attributes().get("cri.backend"));
  }

  @Test
  void aFailureIsAnErrorOfTheSpanThatFailed() throws Exception {
    PodSandboxStatusRequest nobodys =
        PodSandboxStatusRequest.newBuilder().setPodSandboxId("nobodys").build();
    try (Traced proxy = new Traced()) {
      assertThatThrownBy(() -> proxy.with(SAMPLED).podSandboxStatus(nobodys))
          .isInstanceOf(StatusRuntimeException.class);
    }

    assertThat(only(2).attributes()).containsEntry("rpc.grpc.status_code", "5");
    assertThat(only(2).status()).as("a kubelet's everyday life").isZero();
    assertThat(only(3).status()).isEqualTo(2);
    assertThat(only(3).message()).contains("nobodys");
  }

  @Test
  void theClientsSamplingDecisionIsKept() throws Exception {
    try (Traced proxy = new Traced()) {
      var unused = proxy.with(NOT_SAMPLED).runPodSandbox(POD);
    }

    assertThat(collector.spans()).isEmpty();
    assertThat(header("vm", "RunPodSandbox", "traceparent")).containsExactly(NOT_SAMPLED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void theRatioAppliesToCallsWithoutASamplingDecision(String ratio) throws Exception {
    String endpoint = "endpoint: " + folder.resolve("collector.sock");
    try (Traced proxy = new Traced(endpoint + ", samplingRatio: " + ratio)) {
      var unused = proxy.client.runtime().runPodSandbox(POD);
    }

    boolean isSampled = ratio.equals("1");
    assertThat(collector.spans()).hasSize(isSampled ? 2 : 0);
    assertThat(header("vm", "RunPodSandbox", "traceparent")).hasSize(isSampled ? 1 : 0);
  }

  @Test
  void aRuntimeAddedByAReloadHasSpansToo() throws Exception {
    String config = node.config(node.backend("containerd"), "%stracing: {endpoint: %s}\n");
    String endpoint = folder.resolve("collector.sock").toString();
    node.write(config.formatted("", endpoint));
    try (ProxyService service =
            node.start(TracingPart.of(node.read(), "1.2.3", counts).orElseThrow());
        CriClient client = CriClient.connect(node.socket)) {
      node.write(config.formatted(node.backend("vm") + "policies: [{always: vm}]\n", endpoint));
      assertThat(service.reload(node::read).isApplied()).isTrue();

      var unused = client.runtime().runPodSandbox(POD);
    }

    assertThat(only(3).attributes()).containsEntry("cri.backend", "vm");
  }

  @Test
  void anUnreachableCollectorFailsNoCallAndIsUsedAgainLater() throws Exception {
    collector.close();
    try (Traced proxy = new Traced()) {
      var unused = proxy.with(SAMPLED).runPodSandbox(POD);
      Await.until("the spans are given up", () -> counts.failed() == 2);
      Files.deleteIfExists(folder.resolve("collector.sock"));
      collector = Collector.atSocket(folder.resolve("collector.sock"));
      var same = proxy.with(SAMPLED).listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
      assertThat(same).isNotNull();
      Await.until("the spans arrive", () -> counts.sent() == 3);
    }

    assertThat(counts.sent()).isEqualTo(collector.spans().size()).isEqualTo(3);
  }
}
