package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.Rpc;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.TypedBackend;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.VersionResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The last known state of a ready secondary replaces a failed list. */
class FailingListsTest {
  private static final Duration BUDGET = Duration.ofSeconds(5);

  private final AlteredResponses interceptor = new AlteredResponses();
  private Node node = withIds(IdStrategy.prefixed());

  private Node withIds(IdStrategy ids) {
    return Node.builder()
        .configure(builder -> builder.ids(ids))
        .beforeVirtlet(interceptor::of)
        .build();
  }

  /** The failures of a list. */
  private enum Failure {
    INTERNAL,
    UNIMPLEMENTED,
    TRUNCATED,
    NESTED,
    INVALID_UTF8,
    HUNG
  }

  static Stream<Arguments> listsThatFail() {
    List<Arguments> cases = new ArrayList<>();
    for (ListRpc list : ListRpc.values()) {
      for (Failure failure : Failure.values()) {
        for (IdStrategy ids : List.of(IdStrategy.prefixed(), IdStrategy.nativeIds())) {
          cases.add(Arguments.of(list, failure, ids));
        }
      }
    }
    return cases.stream();
  }

  /** Makes the unary and the streamed list of these items fail. */
  private void fail(ListRpc.Kind kind, Failure failure) {
    for (ListRpc list : ListRpc.values()) {
      if (list.kind() != kind) {
        continue;
      }
      switch (failure) {
        case INTERNAL, UNIMPLEMENTED ->
            node.virtlet.failAlways(
                list.rpc(), RpcStatus.of(Code.valueOf(failure.name()), "the store is locked"));
        case HUNG -> node.virtlet.hang(list.rpc());
        default ->
            interceptor.replaceLists(
                list.kind(), MalformedList.valueOf(failure.name()).answer(list.kind()));
      }
    }
  }

  private List<String> idsWithinBudget(ListRpc list) throws Exception {
    RawCall call = list.start(node.router);
    node.clock.advance(BUDGET);
    return ListRpc.ids(call);
  }

  @ParameterizedTest
  @MethodSource("listsThatFail")
  void theLastKnownStateReplacesAFailedList(ListRpc list, Failure failure, IdStrategy ids)
      throws Exception {
    node = withIds(ids);
    node.virtlet.pullImage("cirros");
    node.start(node.runOnContainerd("plain"), "main");
    String pod = node.runOnVirtlet("special");
    node.start(pod, "main");
    List<String> before = list.idsAtOnce(node.router);
    assertThat(before).hasSize(2);

    fail(list.kind(), failure);

    assertThat(idsWithinBudget(list)).containsExactlyElementsOf(before);
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.READY);
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
  }

  @ParameterizedTest
  @MethodSource("listsThatFail")
  void itemsOfAFailedListAreNotStored(ListRpc list, Failure failure, IdStrategy ids)
      throws Exception {
    MemoryStateStore store = new MemoryStateStore();
    SimulatedNode stored =
        SimulatedNode.of("containerd", "virtlet.cloud")
            .withStore(store)
            .between("virtlet.cloud", interceptor::of)
            .configured(builder -> builder.ids(ids))
            .startRouter();
    stored.runContainer(stored.runPod("special", "virtlet.cloud"), "main");
    List<String> before = list.idsAtOnce(stored.router());
    if (failure == Failure.INTERNAL || failure == Failure.UNIMPLEMENTED) {
      stored
          .virtlet()
          .failNext(list.rpc(), RpcStatus.of(Code.valueOf(failure.name()), "the store is locked"));
    } else if (failure == Failure.HUNG) {
      stored.virtlet().hang(list.rpc());
    } else {
      interceptor.replaceLists(
          list.kind(), MalformedList.valueOf(failure.name()).answer(list.kind()));
    }
    list.start(stored.router());
    stored.advance(BUDGET);

    stored.virtlet().down();
    stored.advance(Duration.ofSeconds(1));
    assertThat(list.idsAtOnce(stored.router())).isEqualTo(before);
    stored.startRouter();
    assertThat(list.idsAtOnce(stored.router())).as("after a restart").isEqualTo(before);
  }

  @Test
  void theLastKnownStateReplacesAFailedListOfOnePod() {
    String pod = node.runOnVirtlet("special");
    String container = node.start(pod, "main");
    fail(ListRpc.Kind.POD_SANDBOX, Failure.INTERNAL);
    fail(ListRpc.Kind.CONTAINER, Failure.UNIMPLEMENTED);

    CallsById lists = new CallsById(node.client);
    assertThat(lists.sandboxesLike(pod)).containsExactly(pod);
    assertThat(lists.containersLike(ContainerFilter.newBuilder().setPodSandboxId(pod)))
        .containsExactly(container);
    assertThat(lists.containersLike(ContainerFilter.newBuilder().setId(container)))
        .containsExactly(container);
  }

  @Test
  void aFailedListIsLoggedOnceAndItsRecoveryToo() throws Exception {
    node.runOnVirtlet("special");
    try (CapturedLog log = new CapturedLog(Level.INFO)) {
      fail(ListRpc.Kind.POD_SANDBOX, Failure.INTERNAL);
      for (int i = 0; i < 5; i++) {
        ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router);
        node.clock.advance(Duration.ofSeconds(1));
      }
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("virtlet.cloud", "ListPodSandbox", "the store is locked");

      node.virtlet.heal();
      for (int i = 0; i < 5; i++) {
        ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router);
        node.clock.advance(Duration.ofSeconds(1));
      }
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(1)).contains("virtlet.cloud", "ListPodSandbox");
    }
  }

  @ParameterizedTest
  @EnumSource(ListRpc.class)
  void aFailedListIsAConditionInStatus(ListRpc list) throws Exception {
    fail(list.kind(), Failure.INTERNAL);
    list.idsAtOnce(node.router);

    assertThat(conditions())
        .filteredOn(condition -> condition.getType().equals("virtlet.cloud/Lists"))
        .singleElement()
        .satisfies(condition -> assertThat(condition.getStatus()).isFalse())
        .satisfies(condition -> assertThat(condition.getMessage()).contains("the store is locked"));

    node.virtlet.heal();
    list.idsAtOnce(node.router);
    assertThat(conditions())
        .noneMatch(
            condition ->
                condition.getType().equals("virtlet.cloud/Lists") && !condition.getStatus());
  }

  private List<RuntimeCondition> conditions() {
    return node.client
        .runtime()
        .status(StatusRequest.getDefaultInstance())
        .getStatus()
        .getConditionsList();
  }

  @ParameterizedTest
  @EnumSource(ListRpc.class)
  void aRuntimeWithOnlyVersionDoesNotAffectListsOfTheNode(ListRpc list) throws Exception {
    TypedBackend onlyVersion =
        TypedBackend.builder()
            .direct()
            .unary(Rpc.VERSION, request -> VersionResponse.getDefaultInstance())
            .build();
    Node small = Node.builder().beforeVirtlet(runtime -> onlyVersion).build();
    small.start(small.runOnContainerd("plain"), "main");

    assertThat(list.idsAtOnce(small.router)).hasSize(1);
    assertThat(small.router.backends().get(1).name()).isEqualTo(VIRTLET);
    assertThat(small.router.backends().get(1).phase()).isEqualTo(Phase.READY);
  }
}
