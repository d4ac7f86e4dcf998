package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.IdStrategy;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Inconsistent lists of a runtime are logged once and do not spoil the lists of the node. */
class InconsistentListsTest {
  private static final String ONE = "1".repeat(64);
  private static final String TWO = "2".repeat(64);

  private final AlteredResponses interceptor = new AlteredResponses();
  private final CapturedLog log = new CapturedLog(Level.WARNING);
  private Node node = node(IdStrategy.prefixed());

  @AfterEach
  void stop() {
    log.close();
  }

  private Node node(IdStrategy ids) {
    interceptor.reset();
    return Node.builder()
        .configure(builder -> builder.ids(ids))
        .beforeVirtlet(interceptor::of)
        .build();
  }

  static Stream<Arguments> listsAndStrategies() {
    List<Arguments> cases = new ArrayList<>();
    for (ListRpc list : ListRpc.values()) {
      for (IdStrategy ids : List.of(IdStrategy.prefixed(), IdStrategy.nativeIds())) {
        cases.add(Arguments.of(list, ids));
      }
    }
    return cases.stream();
  }

  /** A response with these ids, for the unary and the streamed list. */
  private static ByteString answer(ListRpc.Kind kind, String... ids) {
    return switch (kind) {
      case POD_SANDBOX -> {
        ListPodSandboxResponse.Builder answer = ListPodSandboxResponse.newBuilder();
        for (String id : ids) {
          answer.addItems(
              PodSandbox.newBuilder()
                  .setId(id)
                  .setMetadata(PodSandboxMetadata.newBuilder().setName("a").setUid("uid-" + id)));
        }
        yield answer.build().toByteString();
      }
      case CONTAINER -> {
        ListContainersResponse.Builder answer = ListContainersResponse.newBuilder();
        for (String id : ids) {
          answer.addContainers(
              Container.newBuilder()
                  .setId(id)
                  .setPodSandboxId("3".repeat(64))
                  .setMetadata(ContainerMetadata.newBuilder().setName("main")));
        }
        yield answer.build().toByteString();
      }
      case IMAGE -> {
        ListImagesResponse.Builder answer = ListImagesResponse.newBuilder();
        for (String id : ids) {
          answer.addImages(Image.newBuilder().setId(id));
        }
        yield answer.build().toByteString();
      }
    };
  }

  private static List<String> ofVirtlet(Node node, ListRpc list) throws Exception {
    List<String> ids = new ArrayList<>(list.idsAtOnce(node.router));
    ids.removeIf(id -> node.containerd.images().stream().anyMatch(it -> it.getId().equals(id)));
    return ids;
  }

  private static String clientId(ListRpc list, IdStrategy ids, String id) {
    boolean prefixed = ids.equals(IdStrategy.prefixed()) && list.kind() != ListRpc.Kind.IMAGE;
    return prefixed ? "virt__" + id : id;
  }

  private List<String> logged(String... words) {
    return log.lines().stream().filter(line -> Stream.of(words).allMatch(line::contains)).toList();
  }

  private void createSandbox(ListRpc list) {
    if (list.kind() == ListRpc.Kind.CONTAINER) {
      interceptor.replaceLists(
          ListRpc.Kind.POD_SANDBOX, answer(ListRpc.Kind.POD_SANDBOX, "3".repeat(64)));
    }
  }

  @ParameterizedTest
  @MethodSource("listsAndStrategies")
  void entriesWithoutIdAreNeitherListedNorStored(ListRpc list, IdStrategy ids) throws Exception {
    node = node(ids);
    createSandbox(list);
    interceptor.replaceLists(list.kind(), answer(list.kind(), "", ONE));

    for (int i = 0; i < 3; i++) {
      assertThat(ofVirtlet(node, list)).containsExactly(clientId(list, ids, ONE));
      node.clock.advance(Duration.ofSeconds(1));
    }
    assertThat(logged("virtlet.cloud")).hasSize(1);

    node.virtlet.down();
    assertThat(ofVirtlet(node, list)).containsExactly(clientId(list, ids, ONE));
  }

  @Test
  void aRuntimeThatHasMovedIsLoggedWithItsNewAddress() throws Exception {
    AlteredResponses moved = new AlteredResponses().of(node.virtlet).at("unix:/run/moved.sock");
    moved.replaceLists(ListRpc.Kind.POD_SANDBOX, answer(ListRpc.Kind.POD_SANDBOX, ""));

    node.router.change(Node.VIRTLET, moved, BackendOptions.DEFAULT);

    assertThat(logged("without an id", "unix:/run/moved.sock")).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("listsAndStrategies")
  void duplicateIdsAreListedOnce(ListRpc list, IdStrategy ids) throws Exception {
    node = node(ids);
    createSandbox(list);
    interceptor.replaceLists(list.kind(), answer(list.kind(), ONE, TWO, ONE));
    String[] expected = {clientId(list, ids, ONE), clientId(list, ids, TWO)};

    for (int i = 0; i < 3; i++) {
      assertThat(ofVirtlet(node, list)).containsExactlyInAnyOrder(expected);
      node.clock.advance(Duration.ofSeconds(1));
    }
    assertThat(logged("virtlet.cloud", ONE)).hasSize(1);

    node.virtlet.down();
    assertThat(ofVirtlet(node, list)).containsExactlyInAnyOrder(expected);
  }

  @ParameterizedTest
  @EnumSource(
      value = ListRpc.class,
      names = {"LIST_CONTAINERS", "STREAM_CONTAINERS"})
  void aContainerWithoutItsSandboxIsListed(ListRpc list) throws Exception {
    interceptor.replaceLists(ListRpc.Kind.POD_SANDBOX, ByteString.EMPTY);
    interceptor.replaceLists(list.kind(), answer(list.kind(), ONE));

    for (int i = 0; i < 3; i++) {
      assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).isEmpty();
      assertThat(list.idsAtOnce(node.router)).containsExactly("virt__" + ONE);
      node.clock.advance(Duration.ofSeconds(1));
    }

    assertThat(logged("virtlet.cloud", ONE)).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void anIdThatLooksPrefixedBelongsToItsOwner(IdStrategy ids) throws Exception {
    int[] next = {0};
    SimulatedNode three =
        SimulatedNode.of("containerd", "virtlet.cloud", "kata")
            .withRuntime("virtlet.cloud", fake -> fake.ids(() -> "kata__" + ONE + next[0]++))
            .configured(builder -> builder.ids(ids))
            .startRouter();
    String pod = three.runPod("vm", "virtlet.cloud");
    String container = three.runContainer(pod, "main");
    String other = three.runPod("other", "kata");

    CallsById calls = new CallsById(three.client());
    assertThat(calls.sandboxStatus(pod)).isEqualTo(pod);
    assertThat(calls.containerStatus(container)).isEqualTo(container);
    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(three.router()))
        .containsExactlyInAnyOrder(pod, other);
    assertThat(three.runtime("kata").journal().callsOf("PodSandboxStatus")).isEmpty();
    three.virtlet().down();
    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(three.router()))
        .containsExactlyInAnyOrder(pod, other);
    calls.removeSandbox(other);
    assertThat(three.runtime("kata").pods()).isEmpty();
    three.close();
  }

  static Stream<IdStrategy> strategies() {
    return Stream.of(IdStrategy.prefixed(), IdStrategy.nativeIds());
  }
}
