package io.crirouter.examples.criproxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The recipe for spans that docs/metrics.md shows. */
class CallSpansTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";

  private final ManualScheduler time = new ManualScheduler();
  private final FakeRuntime containerd = FakeRuntime.named("containerd").scheduler(time).build();
  private final FakeRuntime kata = FakeRuntime.named("kata").scheduler(time).build();

  private List<SpanData> spansOf(String rpc) {
    InMemorySpanExporter spans = InMemorySpanExporter.create();
    try (SdkTracerProvider provider =
            SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(spans))
                .build();
        CriRouter router =
            CriRouter.builder()
                .scheduler(time)
                .primary(BackendName.of("containerd"), containerd)
                .secondary(BackendName.of("kata"), kata)
                .observer(new CallSpans(provider.get("criproxy")))
                .build()) {
      CallMetadata headers =
          CallMetadata.EMPTY.with(
              "traceparent", ByteString.copyFromUtf8("00-" + TRACE + "-" + PARENT + "-01"));
      CriRequest request = CriRequest.of(CriMethod.of(rpc), ByteString.EMPTY).withMetadata(headers);
      router.start(request, new Ignored()).request(1);
      return spans.getFinishedSpanItems();
    }
  }

  private static final class Ignored implements ResponseListener {
    @Override
    public void onMessage(ByteString message) {}

    @Override
    public void onClose(RpcStatus status) {}
  }

  @Test
  void aCallIsInTheTraceOfItsClientAndEachRuntimeInTheCall() {
    List<SpanData> spans = spansOf("ListPodSandbox");

    assertThat(spans)
        .extracting(SpanData::getName)
        .containsExactlyInAnyOrder(
            "containerd ListPodSandbox", "kata ListPodSandbox", "ListPodSandbox");
    SpanData call = spans.get(2);
    assertThat(spans).allMatch(span -> span.getTraceId().equals(TRACE));
    assertThat(call.getParentSpanId()).isEqualTo(PARENT);
    assertThat(spans.subList(0, 2))
        .allMatch(part -> part.getParentSpanId().equals(call.getSpanId()));
  }

  @Test
  void aFailureIsOne() {
    SpanData call = spansOf("PodSandboxStatus").get(0);

    assertThat(call.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(call.getStatus().getDescription()).isNotEmpty();
  }
}
