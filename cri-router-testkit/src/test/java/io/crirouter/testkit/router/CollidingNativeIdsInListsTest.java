package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.crirouter.core.IdStrategy;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.testkit.CriClient;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two runtimes have a sandbox and a container with the same ids. Lists have each id once. */
class CollidingNativeIdsInListsTest {
  private static final String SANDBOX = "aaaa";
  private static final String CONTAINER = "bbbb";

  private final SimulatedNode node =
      SimulatedNode.of(PRIMARY, VIRTLET).configured(builder -> builder.ids(IdStrategy.nativeIds()));

  /** The runtimes that answer. */
  private enum Answering {
    BOTH,
    PRIMARY_ALONE,
    SECONDARY_ALONE
  }

  /** The listed items, and the paths of their id and name. */
  private enum Items {
    SANDBOXES(SANDBOX, "id", "metadata.name"),
    CONTAINERS(CONTAINER, "id", "metadata.name"),
    CONTAINER_STATS(CONTAINER, "attributes.id", "attributes.metadata.name"),
    SANDBOX_STATS(SANDBOX, "attributes.id", "attributes.metadata.name"),
    SANDBOX_METRICS(SANDBOX, "pod_sandbox_id", "pod_sandbox_id");

    private final String listed;
    private final String id;
    private final String name;

    Items(String listed, String id, String name) {
      this.listed = listed;
      this.id = id;
      this.name = name;
    }
  }

  @BeforeEach
  void createCollidingIds() {
    for (String name : List.of(PRIMARY, VIRTLET)) {
      Iterator<String> ids = List.of(SANDBOX, CONTAINER, "only-" + name).iterator();
      node.withRuntime(name, builder -> builder.ids(ids::next));
    }
    node.startRouter();
    node.runPod("of-" + PRIMARY, PRIMARY);
    node.runPod("of-" + VIRTLET, VIRTLET);
    for (String name : List.of(PRIMARY, VIRTLET)) {
      try (CriClient direct = CriClient.of(node.runtime(name))) {
        CallsById.startContainer(direct, SANDBOX, "of-" + name);
      }
    }
    node.sandboxes();
    node.containers();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  static Stream<Arguments> listsAndRuntimes() {
    return Stream.of(
            Arguments.of("ListPodSandbox", Items.SANDBOXES),
            Arguments.of("StreamPodSandboxes", Items.SANDBOXES),
            Arguments.of("ListContainers", Items.CONTAINERS),
            Arguments.of("StreamContainers", Items.CONTAINERS),
            Arguments.of("ListContainerStats", Items.CONTAINER_STATS),
            Arguments.of("StreamContainerStats", Items.CONTAINER_STATS),
            Arguments.of("ListPodSandboxStats", Items.SANDBOX_STATS),
            Arguments.of("StreamPodSandboxStats", Items.SANDBOX_STATS),
            Arguments.of("ListPodSandboxMetrics", Items.SANDBOX_METRICS),
            Arguments.of("StreamPodSandboxMetrics", Items.SANDBOX_METRICS))
        .flatMap(
            list ->
                Arrays.stream(Answering.values())
                    .map(who -> Arguments.of(list.get()[0], list.get()[1], who)));
  }

  @ParameterizedTest
  @MethodSource("listsAndRuntimes")
  void eachIdIsListedOnceWithTheStateOfARuntimeThatAnswers(String rpc, Items items, Answering who)
      throws Exception {
    if (who == Answering.PRIMARY_ALONE) {
      node.virtlet().down();
    } else if (who == Answering.SECONDARY_ALONE) {
      node.runtime(PRIMARY).down();
    }

    RawCall call = RawCall.start(node.router(), rpc, ByteString.EMPTY);

    if (isOfPods(items) || who != Answering.SECONDARY_ALONE) {
      List<Message> shown = items(call.message());
      assertThat(shown).extracting(item -> text(item, items.id)).containsOnlyOnce(items.listed);
      assertThat(shown)
          .filteredOn(item -> text(item, items.id).equals(items.listed))
          .extracting(item -> text(item, items.name))
          .as("the first runtime that answers")
          .containsExactly(nameOfFirst(items, who));
    } else {
      assertThat(call.status().isUnreachable()).as("the primary's failure is the answer").isTrue();
    }
  }

  private static boolean isOfPods(Items items) {
    return items == Items.SANDBOXES || items == Items.CONTAINERS;
  }

  private static String nameOfFirst(Items items, Answering who) {
    if (items.name.equals(items.id)) {
      return items.listed;
    }
    return "of-" + (who == Answering.SECONDARY_ALONE ? VIRTLET : PRIMARY);
  }

  @Test
  void filteredListsHaveEachIdOnce() {
    CallsById byId = new CallsById(node.client());

    assertThat(byId.sandboxesLike("aa")).containsExactly(SANDBOX);
    assertThat(byId.containersLike(ContainerFilter.newBuilder().setPodSandboxId(SANDBOX)))
        .containsExactly(CONTAINER);
  }

  @Test
  void idsOfOneRuntimeAreListedToo() {
    String only = node.runPod("other", VIRTLET);

    assertThat(node.sandboxes()).extracting(pod -> pod.getId()).containsExactly(SANDBOX, only);
  }

  private static List<Message> items(Message answer) {
    FieldDescriptor items = answer.getDescriptorForType().findFieldByNumber(1);
    return ((List<?>) answer.getField(items)).stream().map(Message.class::cast).toList();
  }

  private static String text(Message item, String path) {
    Object value = item;
    for (String field : Splitter.on('.').split(path)) {
      Message message = (Message) value;
      value = message.getField(message.getDescriptorForType().findFieldByName(field));
    }
    return (String) value;
  }
}
