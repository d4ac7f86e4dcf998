package io.crirouter.testkit.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.StateStore;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.kubelet.KubeletSimulator.Phase;
import io.crirouter.testkit.kubelet.PodSpec.RestartPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A kubelet in front of a router whose secondary is lost, hangs, starts late or is restarted, or
 * which is itself restarted during that. For minutes of simulated time the kubelet has no findings,
 * and in the end all of its pods run.
 */
class KubeletOutagesTest {
  private static final String PRIMARY = "containerd";
  private static final String SECONDARY = "virtlet.cloud";
  private static final Duration OUTAGE = Duration.ofMinutes(4);
  private static final Logger LOG = Logger.getLogger("io.crirouter");

  @BeforeAll
  static void doNotLogOutages() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void logAgain() {
    LOG.setLevel(null);
  }

  /** A state store in memory that outlives routers. */
  private static final class MemoryStateStore implements StateStore {
    private @Nullable ByteString state;

    @Override
    public Optional<ByteString> load() {
      return Optional.ofNullable(state);
    }

    @Override
    public void save(ByteString value, Runnable whenSaved) {
      state = value;
      whenSaved.run();
    }
  }

  /** A kubelet, a router and two fakes in one thread. */
  private static final class Node implements AutoCloseable {
    final ManualScheduler time = new ManualScheduler();
    final FakeRuntime primary = FakeRuntime.named(PRIMARY).scheduler(time).build();
    final FakeRuntime secondary = FakeRuntime.named(SECONDARY).scheduler(time).build();
    final KubeletSimulator kubelet;
    private final IdStrategy ids;
    private final StateStore store = new MemoryStateStore();
    private CriRouter router;

    Node(IdStrategy ids, boolean evented) {
      this.ids = ids;
      router = start();
      KubeletSimulator.Builder builder =
          KubeletSimulator.builder((request, listener) -> router.start(request, listener), time);
      kubelet = evented ? builder.evented().start() : builder.start();
    }

    private CriRouter start() {
      return CriRouter.builder()
          .scheduler(time)
          .ids(ids)
          .stateStore(store)
          .primary(BackendName.of(PRIMARY), primary)
          .secondary(BackendName.of(SECONDARY), secondary)
          .build();
    }

    /** Restarts the router and waits for its first contact with the runtimes. */
    void restartRouter() {
      router.close();
      router = start();
      var contact = router.firstContact().toCompletableFuture();
      while (!contact.isDone()) {
        time.advance(Duration.ofMillis(50));
      }
    }

    void add(String name, String runtime, RestartPolicy policy) {
      kubelet.add(
          PodSpec.named(name)
              .container("main", "busybox", List.of("true"))
              .container("side", "nginx")
              .annotation(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, runtime)
              .restartPolicy(policy)
              .build());
    }

    void assertRunning(String... names) {
      for (String name : names) {
        assertThat(kubelet.phase(name)).as(name).isEqualTo(Phase.RUNNING);
      }
    }

    @Override
    public void close() {
      kubelet.close();
      router.close();
    }
  }

  private record Outage(String name, Consumer<Node> begin, Consumer<Node> end) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Outage> outages() {
    Consumer<Node> nothing = node -> {};
    return List.of(
        new Outage("none", nothing, nothing),
        new Outage("lost", node -> node.secondary.down(), node -> node.secondary.up()),
        new Outage("hung", node -> node.secondary.hang(), node -> node.secondary.resume()),
        new Outage(
            "hung in lists",
            node -> node.secondary.hang("ListPodSandbox", "ListContainers"),
            node -> node.secondary.resume()),
        new Outage(
            "slow",
            node -> {
              node.secondary.delay("ListPodSandbox", Duration.ofSeconds(2));
              node.secondary.delay("ListContainers", Duration.ofSeconds(2));
            },
            node -> node.secondary.heal()),
        new Outage(
            "garbled",
            node -> node.secondary.garble("ListPodSandbox", "ListContainers"),
            node -> node.secondary.heal()),
        new Outage("router restarted", Node::restartRouter, nothing),
        new Outage(
            "router restarted while lost",
            node -> {
              node.secondary.down();
              node.time.advance(Duration.ofSeconds(30));
              node.restartRouter();
            },
            node -> node.secondary.up()),
        new Outage(
            "flapping",
            node -> {
              for (int i = 0; i < 20; i++) {
                node.secondary.down();
                node.time.advance(Duration.ofSeconds(2));
                node.secondary.up();
                node.time.advance(Duration.ofSeconds(3));
              }
            },
            nothing));
  }

  /** Combinations of id strategies and kubelets with and without events. */
  static Stream<Arguments> kinds() {
    return Stream.of(IdStrategy.prefixed(), IdStrategy.nativeIds())
        .flatMap(ids -> Stream.of(Arguments.of(ids, false), Arguments.of(ids, true)));
  }

  static Stream<Arguments> cases() {
    return outages().stream()
        .flatMap(outage -> kinds().map(kind -> Arguments.of(outage, kind.get()[0], kind.get()[1])));
  }

  @ParameterizedTest(name = "{0}, {1} ids, evented {2}")
  @MethodSource("cases")
  void podsAreNeverMisreported(Outage outage, IdStrategy ids, boolean evented) {
    try (Node node = new Node(ids, evented)) {
      node.add("plain", PRIMARY, RestartPolicy.ALWAYS);
      node.add("marked", SECONDARY, RestartPolicy.ALWAYS);
      node.add("job", SECONDARY, RestartPolicy.NEVER);
      node.time.advance(Duration.ofSeconds(30));
      node.assertRunning("plain", "marked", "job");

      outage.begin().accept(node);
      node.time.advance(OUTAGE.dividedBy(2));
      node.add("plain-meanwhile", PRIMARY, RestartPolicy.ALWAYS);
      node.add("marked-meanwhile", SECONDARY, RestartPolicy.ALWAYS);
      node.time.advance(OUTAGE.dividedBy(2));
      node.assertRunning("plain", "marked", "job", "plain-meanwhile");
      outage.end().accept(node);
      node.time.advance(Duration.ofMinutes(3));

      node.assertRunning("plain", "marked", "job", "plain-meanwhile", "marked-meanwhile");
      assertThat(node.kubelet.isNodeReady()).isTrue();
      assertThat(node.secondary.pods()).hasSize(3);
      assertThat(node.primary.pods()).hasSize(2);
      assertThat(node.secondary.journal().callsOf("StartContainer")).hasSize(6);
      node.kubelet.assertNoFindings();
    }
  }

  @ParameterizedTest(name = "{0}, {1} ids, evented {2}")
  @MethodSource("cases")
  void podsDeletedDuringAnOutageAreRemovedAfterIt(Outage outage, IdStrategy ids, boolean evented) {
    try (Node node = new Node(ids, evented)) {
      node.add("plain", PRIMARY, RestartPolicy.ALWAYS);
      node.add("marked", SECONDARY, RestartPolicy.ALWAYS);
      node.time.advance(Duration.ofSeconds(30));
      outage.begin().accept(node);
      node.time.advance(Duration.ofSeconds(5));

      node.kubelet.delete("plain");
      node.kubelet.delete("marked");
      node.time.advance(OUTAGE);
      assertThat(node.kubelet.phase("plain")).isEqualTo(Phase.GONE);
      outage.end().accept(node);
      node.time.advance(Duration.ofMinutes(5));

      assertThat(node.kubelet.phase("marked")).isEqualTo(Phase.GONE);
      assertThat(node.secondary.pods()).isEmpty();
      assertThat(node.primary.pods()).isEmpty();
      node.kubelet.assertNoFindings();
    }
  }

  @ParameterizedTest(name = "{0}, {1} ids, evented {2}")
  @MethodSource("cases")
  void containersThatExitDuringAnOutageAreRestartedAfterIt(
      Outage outage, IdStrategy ids, boolean evented) {
    try (Node node = new Node(ids, evented)) {
      node.add("marked", SECONDARY, RestartPolicy.ALWAYS);
      node.time.advance(Duration.ofSeconds(30));
      outage.begin().accept(node);

      node.secondary
          .containers()
          .forEach(container -> node.secondary.killContainer(container.getId(), 1));
      node.time.advance(OUTAGE);
      outage.end().accept(node);
      node.time.advance(Duration.ofMinutes(5));

      node.assertRunning("marked");
      assertThat(node.secondary.journal().callsOf("StartContainer")).hasSize(4);
      node.kubelet.assertNoFindings();
    }
  }

  @ParameterizedTest(name = "{0} ids, evented {1}")
  @MethodSource("kinds")
  void aLateRuntimeGetsTheWaitingPods(IdStrategy ids, boolean evented) {
    try (Node node = new Node(ids, evented)) {
      node.secondary.down();
      node.restartRouter();
      node.add("plain", PRIMARY, RestartPolicy.ALWAYS);
      node.add("marked", SECONDARY, RestartPolicy.ALWAYS);
      node.time.advance(OUTAGE);
      node.assertRunning("plain");
      assertThat(node.kubelet.phase("marked")).isEqualTo(Phase.PENDING);

      node.secondary.up();
      node.time.advance(Duration.ofMinutes(1));

      node.assertRunning("marked");
      assertThat(node.secondary.pods()).hasSize(1);
      node.kubelet.assertNoFindings();
    }
  }
}
