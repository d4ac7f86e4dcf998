package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.OwnedObject;
import io.crirouter.core.OwnedObject.Kind;
import io.crirouter.core.PodPlacement;
import io.crirouter.core.PodPlacement.PolicyAnswer;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.StopContainerRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The queries of operator commands: the route of a pod and the owner of an id. */
class ExplainTest {
  private static final RoutingPolicy BROKEN =
      new RoutingPolicy() {
        @Override
        public Optional<BackendName> forPod(PodView pod) {
          throw new IllegalStateException("no rule");
        }

        @Override
        public String toString() {
          return "broken";
        }
      };

  private static final RoutingPolicy POLICY =
      RoutingPolicy.firstOf(
          RoutingPolicy.annotation(),
          RoutingPolicy.firstOf(
              RoutingPolicy.namespace(Map.of("vms", VIRTLET)),
              RoutingPolicy.label("tier", Map.of("vm", VIRTLET))),
          RoutingPolicy.always(CONTAINERD).named("the rest"));

  private final Node node = Node.withPolicy(POLICY);

  private static PodView view(PodSandboxConfig.Builder config) {
    return PodView.builder()
        .namespace(config.getMetadata().getNamespace())
        .name(config.getMetadata().getName())
        .uid(config.getMetadata().getUid())
        .labels(config.getLabelsMap())
        .annotations(config.getAnnotationsMap())
        .build();
  }

  private static CallRoute route(PodPlacement placement) {
    return placement.route().orElseThrow();
  }

  @Test
  void theExplanationOfAPodHasTheDecisionOfEachPolicyInOrder() {
    PodPlacement placement = node.router.explain(view(Pods.plain("vm").putLabels("tier", "vm")));

    assertThat(route(placement).backends()).containsExactly(VIRTLET);
    assertThat(route(placement).rule()).isEqualTo(Rule.POLICY);
    assertThat(placement.answers())
        .extracting(PolicyAnswer::toString)
        .containsExactly(
            "annotation(kubernetes.io/target-runtime): no decision",
            "namespace({vms=virtlet.cloud}): no decision",
            "label(tier, {vm=virtlet.cloud}): virtlet.cloud (decides)",
            "the rest: containerd");
    assertThat(placement.refusal()).isEmpty();
    assertThat(placement).asString().startsWith("pod default/vm: virtlet.cloud by policy label(");
  }

  @Test
  void theExplanationMatchesThePlacement() {
    PodSandboxConfig.Builder pod = Pods.on(VIRTLET, "special");
    CallRoute foretold = route(node.router.explain(view(pod)));

    node.run(pod);

    assertThat(node.virtlet.journal().callsOf("RunPodSandbox")).hasSize(1);
    assertThat(foretold.backends()).containsExactly(VIRTLET);
  }

  @Test
  void theExplanationOfAPlacedPodIsItsPlacement() {
    node.runOnVirtlet("special");

    PodPlacement placement = node.router.explain(view(Pods.plain("special")));

    assertThat(route(placement).rule()).isEqualTo(Rule.PLACED_BEFORE);
    assertThat(route(placement).backends()).containsExactly(VIRTLET);
    assertThat(placement.answers()).noneMatch(PolicyAnswer::isDecisive);
    assertThat(placement.answers()).last().hasToString("the rest: containerd");
  }

  @Test
  void theExplanationOfAPodForAnUnknownRuntimeIsItsRefusal() {
    PodPlacement placement = node.router.explain(view(Pods.on("nobody.example", "lost")));

    assertThat(placement.route()).isEmpty();
    assertThat(placement.refusal().orElseThrow().code()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(placement.refusal().orElseThrow().message()).contains("nobody.example");
    assertThat(placement.answers().get(0).isDecisive()).isTrue();
  }

  @Test
  void theExplanationOfAPodWithAFailedPolicyIsItsRefusal() {
    Node broken = Node.withPolicy(RoutingPolicy.firstOf(BROKEN, RoutingPolicy.annotation()));

    PodPlacement placement = broken.router.explain(view(Pods.on(VIRTLET, "special")));

    assertThat(placement.refusal().orElseThrow().code()).isEqualTo(Code.INTERNAL);
    assertThat(placement.answers().get(0).failure()).isPresent();
    assertThat(placement.answers().get(0).isDecisive()).isTrue();
    assertThat(placement.answers().get(1).backend()).contains(VIRTLET);
    assertThat(placement.answers().get(1).isDecisive()).isFalse();
  }

  @Test
  void theExplanationOfAPodWithoutADecisionIsThePrimary() {
    PodPlacement placement = Node.create().router.explain(view(Pods.plain("web")));

    assertThat(route(placement).rule()).isEqualTo(Rule.DEFAULT);
    assertThat(route(placement).backends()).containsExactly(CONTAINERD);
  }

  @Test
  void ownersAreFoundByBothFormsOfAnIdAndByPrefix() {
    String pod = node.runOnVirtlet("special");
    String container = node.start(pod, "main");
    String runtimes = container.substring("virt__".length());

    for (String id : new String[] {container, runtimes, container.substring(0, 13)}) {
      assertThat(node.router.owners(id)).as(id).hasSize(1);
      OwnedObject owned = node.router.owners(id).get(0);
      assertThat(owned.backend()).isEqualTo(VIRTLET);
      assertThat(owned.kind()).isEqualTo(Kind.CONTAINER);
      assertThat(owned.clientId()).isEqualTo(container);
      assertThat(owned.runtimeId()).isEqualTo(runtimes);
      assertThat(owned.state()).isEqualTo("CONTAINER_RUNNING");
      assertThat(owned.isLastKnown()).isFalse();
    }
    assertThat(node.router.owners(pod))
        .singleElement()
        .satisfies(owned -> assertThat(owned.kind()).isEqualTo(Kind.POD_SANDBOX))
        .satisfies(owned -> assertThat(owned.state()).isEqualTo("SANDBOX_READY"));
  }

  @Test
  void knownObjectsAreShownWithTheirNames() {
    String pod = node.runOnVirtlet("special");
    String container = node.start(pod, "main");

    List<OwnedObject> virtlets =
        node.router.objects().stream()
            .filter(object -> object.backend().equals(VIRTLET))
            .filter(object -> object.kind() != Kind.IMAGE)
            .toList();

    assertThat(virtlets)
        .extracting(OwnedObject::name, OwnedObject::clientId, OwnedObject::podSandboxId)
        .containsExactly(tuple("default/special", pod, ""), tuple("main", container, pod));
    assertThat(virtlets.get(0).createdAt()).isPresent();
  }

  @Test
  void aRuntimeIsShownWithItsVersion() {
    assertThat(node.router.backends())
        .extracting(BackendState::runtimeName, BackendState::runtimeVersion)
        .containsExactly(tuple("containerd", "1.0.0"), tuple("virtlet.cloud", "1.0.0"));
  }

  @Test
  void aRuntimeIsShownWithItsNewestOrLastKnownState() {
    String container = node.start(node.runOnVirtlet("special"), "main");
    var unused =
        node.client
            .runtime()
            .stopContainer(StopContainerRequest.newBuilder().setContainerId(container).build());
    node.virtlet.down();

    OwnedObject owned = node.router.owners(container).get(0);

    assertThat(owned.state()).isEqualTo("CONTAINER_EXITED");
    assertThat(owned.isLastKnown()).isTrue();
  }

  @Test
  void nativeIdsAreTheSameOnBothSides() {
    Node natives = Node.builder().configure(builder -> builder.ids(IdStrategy.nativeIds())).build();
    String pod = natives.runOnVirtlet("special");

    OwnedObject owned = natives.router.owners(pod).get(0);

    assertThat(owned.backend()).isEqualTo(VIRTLET);
    assertThat(owned.clientId()).isEqualTo(pod).isEqualTo(owned.runtimeId());
  }

  @Test
  void imagesAreFoundAtAllHoldersByAllNames() {
    String id = new ImageCalls(node.client).status("busybox").orElseThrow();
    var unused = new ImageCalls(node.client).list();

    for (String named : new String[] {id, id.substring("sha256:".length(), 20)}) {
      assertThat(node.router.owners(named))
          .as(named)
          .extracting(OwnedObject::backend)
          .containsExactly(CONTAINERD, VIRTLET);
    }
    assertThat(node.router.owners(id)).allMatch(owned -> owned.kind() == Kind.IMAGE);
  }

  @Test
  void unknownIdsHaveNoOwnerAndEmptyIdsAreRefused() {
    assertThat(node.router.owners("ffffffffffff")).isEmpty();
    assertThatThrownBy(() -> node.router.owners("")).isInstanceOf(IllegalArgumentException.class);
  }
}
