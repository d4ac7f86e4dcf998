package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ImageStrategy;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A runtime with pods is removed from the configuration, or renamed, over a restart. */
class FormerRuntimesTest {
  private static final String NOT_CONFIGURED = "runtime virtlet.cloud is not configured any more";

  private final AlteredResponses interceptor = new AlteredResponses();
  private final ErrorLog errors = new ErrorLog();
  private SimulatedNode node = SimulatedNode.of();
  private final MemoryStateStore store = new MemoryStateStore();
  private String plain = "";
  private String pod = "";
  private String container = "";

  /** A strategy that gives all images one name, so that no router can be built with it. */
  private static final class OneImage implements ImageStrategy {
    @Override
    public String toClient(BackendName backend, String ref) {
      return "image:1";
    }

    @Override
    public String toRuntime(BackendName backend, String clientRef) {
      return clientRef;
    }
  }

  static Stream<IdStrategy> strategies() {
    return Stream.of(IdStrategy.prefixed(), IdStrategy.nativeIds());
  }

  private void start(IdStrategy ids) {
    node =
        SimulatedNode.of(PRIMARY, VIRTLET)
            .withStore(store)
            .configured(builder -> builder.ids(ids))
            .startRouter();
    plain = node.runPod("web", PRIMARY);
    pod = node.runPod("vm", VIRTLET);
    container = node.runContainer(pod, "main");
    node.runPod("vm2", VIRTLET);
    node.advance(Duration.ofSeconds(2));
  }

  @AfterEach
  void stop() {
    errors.close();
    node.close();
  }

  private void restart() {
    node.close();
    node.startRouter();
  }

  private List<String> sandboxes() {
    return node.sandboxes().stream().map(PodSandbox::getId).toList();
  }

  private List<String> containers() {
    return node.containers().stream().map(Container::getId).toList();
  }

  private void assertIdsAreUnavailable() {
    CallsById calls = new CallsById(node.client());
    for (Status refusal :
        List.of(
            refusal(() -> calls.sandboxStatus(pod)),
            refusal(() -> calls.stopSandbox(pod)),
            refusal(() -> calls.removeSandbox(pod)),
            refusal(() -> calls.containerStatus(container)),
            refusal(() -> calls.stopContainer(container)),
            refusal(() -> calls.removeContainer(container)))) {
      assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refusal.getDescription()).contains(NOT_CONFIGURED);
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void podsOfAFormerRuntimeStayListed(IdStrategy ids) {
    start(ids);
    List<String> before = sandboxes();
    node.leaveOut(VIRTLET);

    restart();

    assertThat(sandboxes()).hasSize(3).containsExactlyInAnyOrderElementsOf(before);
    assertThat(containers()).containsExactly(container);
    assertThat(new CallsById(node.client()).sandboxesLike(pod)).containsExactly(pod);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aRefusedStartDoesNotChangeTheSavedState(IdStrategy ids) {
    start(ids);
    node.router().removeByForce(BackendName.of(VIRTLET)).toCompletableFuture().join();
    node.advance(Duration.ofSeconds(2));
    node.close();
    int saves = store.saves();
    node.leaveOut(VIRTLET)
        .withRuntime("kata", fake -> fake)
        .configured(
            builder -> builder.ids(ids).forget(BackendName.of(VIRTLET)).images(new OneImage()));

    assertThatThrownBy(node::startRouter).isInstanceOf(IllegalArgumentException.class);
    node.advance(Duration.ofSeconds(2));

    assertThat(store.saves()).isEqualTo(saves);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void podsOfAFormerRuntimeStayListedAfterFurtherRestarts(IdStrategy ids) {
    start(ids);
    node.leaveOut(VIRTLET);
    restart();
    node.runPod("more", PRIMARY);
    node.advance(Duration.ofSeconds(2));

    restart();

    assertThat(sandboxes()).hasSize(4).contains(pod);
    assertThat(containers()).containsExactly(container);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void idsOfAFormerRuntimeAreUnavailableAndNoOtherRuntimeIsCalled(IdStrategy ids) {
    start(ids);
    node.leaveOut(VIRTLET);
    restart();
    node.runtime(PRIMARY).journal().clear();

    assertIdsAreUnavailable();

    assertThat(node.runtime(PRIMARY).journal().calls()).isEmpty();
    assertThat(new CallsById(node.client()).sandboxStatus(plain)).isEqualTo(plain);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void podsOfAFormerRuntimeAreLoggedAtStartWithARemedy(IdStrategy ids) {
    start(ids);
    node.leaveOut(VIRTLET);

    restart();

    assertThat(errors.lines())
        .singleElement()
        .asString()
        .contains("virtlet.cloud", "2 pod", "forget");
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aFormerRuntimeWithoutPodsIsNotLogged(IdStrategy ids) {
    start(ids);
    CallsById calls = new CallsById(node.client());
    for (PodSandbox listed : node.sandboxes()) {
      if (!listed.getId().equals(plain)) {
        calls.removeSandbox(listed.getId());
      }
    }
    node.advance(Duration.ofSeconds(2));
    node.leaveOut(VIRTLET);

    restart();

    assertThat(errors.lines()).isEmpty();
    assertThat(sandboxes()).containsExactly(plain);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aRuntimeThatIsConfiguredAgainHasItsPods(IdStrategy ids) {
    start(ids);
    var virtlet = node.virtlet();
    node.leaveOut(VIRTLET);
    restart();
    SimulatedNode whole = node.withRuntime(VIRTLET, fake -> fake);
    whole.between(VIRTLET, fake -> virtlet);

    restart();

    assertThat(sandboxes()).hasSize(3).contains(pod);
    assertThat(new CallsById(node.client()).sandboxStatus(pod)).isEqualTo(pod);
  }

  /** The name differs, but the derived id prefix is the same. */
  @ParameterizedTest
  @MethodSource("strategies")
  void anotherRuntimeWithTheSamePrefixIsNotCalledForFormerIds(IdStrategy ids) {
    start(ids);
    node.leaveOut(VIRTLET).withRuntime("virtuozzo", fake -> fake);
    restart();

    assertIdsAreUnavailable();
    assertThat(node.runtime("virtuozzo").journal().callsOf("PodSandboxStatus")).isEmpty();
    assertThat(sandboxes()).hasSize(3).contains(pod);
    String newPod = node.runPod("new", "virtuozzo");
    assertThat(new CallsById(node.client()).sandboxStatus(newPod)).isEqualTo(newPod);
    assertThat(sandboxes()).hasSize(4);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void anotherRuntimeWithTheSameNameIsNotCalledForFormerIds(IdStrategy ids) {
    start(ids);
    node.withRuntime(VIRTLET, fake -> fake.idSeed("another"))
        .between(VIRTLET, fake -> interceptor.of(fake).at("unix:/run/another.sock"));
    restart();

    assertIdsAreUnavailable();
    assertThat(node.virtlet().journal().callsOf("PodSandboxStatus")).isEmpty();
    assertThat(sandboxes()).hasSize(3).contains(pod);
    String newPod = node.runPod("new", VIRTLET);
    assertThat(new CallsById(node.client()).sandboxStatus(newPod)).isEqualTo(newPod);
    assertThat(sandboxes()).hasSize(4);
  }

  @Test
  void anImageIsPulledByTheRuntimeThatHasTheNameNow() {
    start(IdStrategy.prefixed());
    node.withRuntime(VIRTLET, fake -> fake.idSeed("another"))
        .between(VIRTLET, fake -> interceptor.of(fake).at("unix:/run/another.sock"));
    restart();

    String unused = new ImageCalls(node.client()).pull(ImageCalls.bare(VIRTLET + "/cirros"));

    assertThat(node.virtlet().journal().callsOf("PullImage")).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void eventClientsGetOnlyTheChangesOfAFormerRuntimeThatIsAddedAgain(IdStrategy ids) {
    start(ids);
    FakeRuntime virtlet = node.virtlet();
    node.leaveOut(VIRTLET);
    restart();
    try (ResponseStream<ContainerEventResponse> events = node.client().events()) {
      virtlet.killContainer(virtlet.containers().get(0).getId(), 1);

      node.router().add(BackendName.of(VIRTLET), virtlet, BackendOptions.DEFAULT);
      node.advance(Duration.ofSeconds(2));

      ContainerEventResponse event = events.next();
      assertThat(event.getContainerId()).isEqualTo(container);
      assertThat(event.getContainerEventType())
          .isEqualTo(ContainerEventType.CONTAINER_STOPPED_EVENT);
      assertThat(events.poll()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void anotherRuntimeWithTheSameNameCanBeChanged(IdStrategy ids) {
    start(ids);
    node.withRuntime(VIRTLET, fake -> fake.idSeed("another"))
        .between(VIRTLET, fake -> interceptor.of(fake).at("unix:/run/another.sock"));
    restart();

    node.router().change(BackendName.of(VIRTLET), node.virtlet(), BackendOptions.DEFAULT);

    String newPod = node.runPod("new", VIRTLET);
    assertThat(new CallsById(node.client()).sandboxStatus(newPod)).isEqualTo(newPod);
    assertIdsAreUnavailable();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void podsOfARenamedRuntimeAreListedOnceUnderTheNewName(IdStrategy ids) {
    start(ids);
    node.rename(VIRTLET, "vm");

    restart();

    assertRenamed(ids);
    assertThat(errors.lines()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void podsOfARenamedAndMovedRuntimeAreListedOnce(IdStrategy ids) {
    start(ids);
    node.rename(VIRTLET, "vm")
        .between("vm", fake -> interceptor.of(fake).at("unix:/run/moved.sock"));

    restart();

    assertRenamed(ids);
  }

  private void assertRenamed(IdStrategy ids) {
    assertThat(sandboxes()).hasSize(3);
    assertThat(containers()).hasSize(1);
    String nativeId = pod.replace("virt__", "");
    String renamed = ids.equals(IdStrategy.prefixed()) ? "vm__" + nativeId : nativeId;
    assertThat(sandboxes()).contains(renamed);
    assertThat(new CallsById(node.client()).sandboxStatus(renamed)).isEqualTo(renamed);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void podsOfARuntimeRenamedDuringAnOutageAreListedOnce(IdStrategy ids) {
    start(ids);
    node.virtlet().down();
    node.rename(VIRTLET, "vm");

    restart();

    assertThat(sandboxes()).hasSize(3);
    assertThat(containers()).hasSize(1);
    node.runtime("vm").up();
    node.advance(Duration.ofSeconds(7));
    assertRenamed(ids);
  }

  /** A client may still use ids from before the runtime was renamed. */
  @Test
  void formerIdsOfARenamedRuntimeNeverReachAnotherRuntimeOfThatName() {
    start(IdStrategy.prefixed());
    node.rename(VIRTLET, "vm")
        .withRuntime(VIRTLET, fake -> fake.idSeed("another"))
        .between(VIRTLET, fake -> interceptor.of(fake).at("unix:/run/another.sock"));
    for (int restarts = 1; restarts <= 3; restarts++) {
      restart();

      Status refusal = refusal(() -> new CallsById(node.client()).sandboxStatus(pod));

      assertThat(refusal.getCode()).as("restart %d", restarts).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refusal.getDescription()).contains("list again");
    }
  }
}
