package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.grpc.Status;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Shortened native ids, which are resolved as at a single runtime. */
class ShortNativeIdsTest {
  private final SimulatedNode node =
      SimulatedNode.of(PRIMARY, VIRTLET).configured(builder -> builder.ids(IdStrategy.nativeIds()));

  @AfterEach
  void stop() {
    node.close();
  }

  /** A node whose runtimes create these ids, in order, for sandboxes and containers. */
  private CallsById between(List<String> primaryIds, List<String> secondaryIds) {
    Iterator<String> first = primaryIds.iterator();
    Iterator<String> second = secondaryIds.iterator();
    node.withRuntime(PRIMARY, builder -> builder.ids(first::next))
        .withRuntime(VIRTLET, builder -> builder.ids(second::next))
        .startRouter();
    return new CallsById(node.client());
  }

  @Test
  void anUnambiguousPrefixIsEnough() {
    CallsById byId = between(List.of("aaa1"), List.of("bbb1", "bbb2"));
    node.runPod("web", PRIMARY);
    node.runContainer(node.runPod("vm", VIRTLET), "main");

    assertThat(byId.sandboxStatus("a")).isEqualTo("aaa1");
    assertThat(byId.sandboxStatus("bbb")).isEqualTo("bbb1");
    assertThat(byId.containerStatus("bb")).as("sandbox ids do not count").isEqualTo("bbb2");
    assertThat(byId.sandboxesLike("bb")).containsExactly("bbb1");
  }

  @Test
  void aPrefixOfIdsOfTwoRuntimesIsRefused() {
    CallsById byId = between(List.of("abc1"), List.of("abd1"));
    node.runPod("web", PRIMARY);
    node.runPod("vm", VIRTLET);

    Status refusal = refusal(() -> byId.stopSandbox("ab"));

    assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getDescription())
        .contains("2 pod sandbox ids begin with 'ab'", PRIMARY, VIRTLET, "abc1", "abd1");
    assertThat(byId.sandboxStatus("abd")).isEqualTo("abd1");
  }

  @Test
  void aPrefixOfTwoIdsOfOneRuntimeIsRefused() {
    CallsById byId = between(List.of(), List.of("abc1", "abc2"));
    node.runPod("one", VIRTLET);
    node.runPod("two", VIRTLET);

    Status refusal = refusal(() -> byId.stopSandbox("abc"));

    assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getDescription()).contains("2 pod sandbox ids", VIRTLET);
  }

  @Test
  void anExactIdPrecedesPrefixes() {
    CallsById byId = between(List.of("abc"), List.of("abc1"));
    node.runPod("web", PRIMARY);
    node.runPod("vm", VIRTLET);

    assertThat(byId.sandboxStatus("abc")).isEqualTo("abc");
    assertThat(byId.sandboxStatus("abc1")).isEqualTo("abc1");
  }

  @Test
  void removedIdsAreNotFoundByPrefix() {
    CallsById byId = between(List.of("abc1"), List.of("abd1"));
    node.runPod("web", PRIMARY);
    String marked = node.runPod("vm", VIRTLET);

    byId.removeSandbox(marked);

    assertThat(byId.sandboxStatus("ab")).isEqualTo("abc1");
  }

  @Test
  void aRemovalByPrefixIsKnown() {
    CallsById byId = between(List.of("abc1"), List.of("abd1"));
    node.runPod("web", PRIMARY);
    node.runPod("vm", VIRTLET);

    byId.removeSandbox("abd");

    assertThat(byId.sandboxStatus("ab")).isEqualTo("abc1");
  }

  @Test
  void prefixesAreRefusedUntilAllRuntimesHaveListed() {
    CallsById byId = between(List.of("abc1"), List.of("abd1"));
    node.runPod("web", PRIMARY);
    node.close();
    node.virtlet().failAlways("ListPodSandbox", RpcStatus.of(Code.UNKNOWN, "busy"));
    node.startRouter();
    CallsById anew = new CallsById(node.client());

    Status refusal = refusal(() -> anew.stopSandbox("ab"));
    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refusal.getDescription()).contains("virtlet.cloud");
    assertThat(anew.sandboxStatus("abc1")).as("a whole id is certain").isEqualTo("abc1");
    assertThat(byId).isNotEqualTo(anew);
  }

  @Test
  void prefixesAreResolvedWhileAListedRuntimeIsLost() {
    CallsById byId = between(List.of("abc1"), List.of("abd1"));
    node.runPod("web", PRIMARY);
    node.runPod("vm", VIRTLET);
    node.virtlet().down();

    assertThat(byId.sandboxStatus("abc")).isEqualTo("abc1");
    assertThat(refusal(() -> byId.stopSandbox("ab")).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }
}
