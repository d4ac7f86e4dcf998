package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStateValue;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.proto.v1.StreamPodSandboxesResponse;
import io.grpc.Status.Code;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class FakeRuntimePodListTest {
  private final FakeRuntime runtime = FakeRuntime.named("containerd").chunkSize(2).build();
  private final CriClient client = CriClient.of(runtime);

  @Test
  void listsAreFilteredByIdStateAndLabels() {
    String web = Requests.runPod(client, "web");
    String db = Requests.runPod(client, "db");
    runtime.killPod(db);

    assertThat(ids(PodSandboxFilter.newBuilder().setId(web))).containsExactly(web);
    assertThat(ids(PodSandboxFilter.newBuilder().setId(web.substring(0, 13)))).containsExactly(web);
    assertThat(ids(PodSandboxFilter.newBuilder().setId("zzz"))).isEmpty();
    assertThat(ids(inState(PodSandboxState.SANDBOX_READY))).containsExactly(web);
    assertThat(ids(inState(PodSandboxState.SANDBOX_NOTREADY))).containsExactly(db);
    assertThat(ids(PodSandboxFilter.newBuilder().putLabelSelector("app", "db")))
        .containsExactly(db);
    assertThat(ids(inState(PodSandboxState.SANDBOX_READY).setId(db)))
        .as("all conditions must hold")
        .isEmpty();
    assertThat(ids(PodSandboxFilter.newBuilder())).containsExactly(web, db);
  }

  @Test
  void aShortIdMustBeUnambiguous() {
    Iterator<String> ids = List.of("abc1", "abc2", "def").iterator();
    FakeRuntime shortIds = FakeRuntime.named("vm").ids(ids::next).build();
    CriClient vm = CriClient.of(shortIds);
    Requests.runPod(vm, "one");
    Requests.runPod(vm, "two");
    Requests.runPod(vm, "three");

    assertThat(status(vm, "d").getStatus().getId()).isEqualTo("def");
    assertThat(status(vm, "abc2").getStatus().getId()).isEqualTo("abc2");
    assertFails(() -> status(vm, "abc"), Code.UNKNOWN, "abc1", "abc2");
    assertFails(() -> status(vm, ""), Code.UNKNOWN, "empty");
    assertFails(() -> status(vm, "x"), Code.NOT_FOUND, "x");
  }

  @Test
  void streamedListsHaveChunksAndCanBeEmpty() {
    assertThat(stream()).isEmpty();

    List<String> ids =
        List.of(
            Requests.runPod(client, "a"),
            Requests.runPod(client, "b"),
            Requests.runPod(client, "c"));

    assertThat(stream()).extracting(chunk -> chunk.getPodSandboxesCount()).containsExactly(2, 1);
    assertThat(stream())
        .flatExtracting(StreamPodSandboxesResponse::getPodSandboxesList)
        .extracting(PodSandbox::getId)
        .isEqualTo(ids);
  }

  @Test
  void aSlowReaderGetsTheWholeStreamedList() {
    FakeRuntime oneByOne = FakeRuntime.named("x").chunkSize(1).build();
    CriClient slow = CriClient.of(oneByOne);
    for (int i = 0; i < 1_050; i++) {
      Requests.runPod(slow, "pod" + i);
    }

    try (ResponseStream<StreamPodSandboxesResponse> chunks =
        slow.stream(
            RuntimeServiceGrpc.getStreamPodSandboxesMethod(),
            StreamPodSandboxesRequest.getDefaultInstance(),
            1)) {
      assertThat(chunks.rest())
          .as("more chunks than the runtime buffers for one call")
          .hasSize(1_050);
    }
  }

  private List<StreamPodSandboxesResponse> stream() {
    try (ResponseStream<StreamPodSandboxesResponse> chunks =
        client.stream(
            RuntimeServiceGrpc.getStreamPodSandboxesMethod(),
            StreamPodSandboxesRequest.getDefaultInstance())) {
      return chunks.rest();
    }
  }

  private static PodSandboxFilter.Builder inState(PodSandboxState state) {
    return PodSandboxFilter.newBuilder()
        .setState(PodSandboxStateValue.newBuilder().setState(state));
  }

  private List<PodSandbox> list(PodSandboxFilter filter) {
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build())
        .getItemsList();
  }

  private List<String> ids(PodSandboxFilter.Builder filter) {
    return list(filter.build()).stream().map(PodSandbox::getId).toList();
  }

  private static PodSandboxStatusResponse status(CriClient client, String id) {
    return client
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build());
  }
}
