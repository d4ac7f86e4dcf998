package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.crirouter.core.BackendListener;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.testkit.FakeRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reports of state changes of runtimes to embedders. */
class BackendListenerTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final List<BackendState> received = new CopyOnWriteArrayList<>();

  private static Node node(BackendListener listener) {
    return Node.builder().configure(builder -> builder.listener(listener)).build();
  }

  private List<Phase> phasesOf(BackendName name) {
    return received.stream()
        .filter(state -> state.name().equals(name))
        .map(BackendState::phase)
        .toList();
  }

  @Test
  void eachChangeIsReportedOnceWithItsTimeAndReason() {
    Node node = node(received::add);
    received.clear();

    node.clock.advance(Duration.ofSeconds(3));
    node.virtlet.down();
    node.clock.advance(Duration.ofSeconds(60));
    node.virtlet.up();

    String address = node.virtlet.address();
    assertThat(received)
        .extracting(
            BackendState::name,
            BackendState::isPrimary,
            BackendState::address,
            BackendState::phase,
            BackendState::since,
            BackendState::reason)
        .containsExactly(
            tuple(VIRTLET, false, address, Phase.LOST, START.plusSeconds(3), address + " is down"),
            tuple(VIRTLET, false, address, Phase.READY, START.plusSeconds(63), ""));
  }

  @Test
  void theFirstContactIsReportedAndAbsenceFromTheStartIsNot() {
    Node node =
        Node.builder()
            .virtletStartsLate()
            .configure(builder -> builder.listener(received::add))
            .build();
    node.clock.advance(Duration.ofSeconds(30));

    assertThat(phasesOf(CONTAINERD)).containsExactly(Phase.READY);
    assertThat(phasesOf(VIRTLET)).isEmpty();
    assertThat(node.router.backends())
        .extracting(BackendState::name, BackendState::isPrimary, BackendState::phase)
        .containsExactly(
            tuple(CONTAINERD, true, Phase.READY), tuple(VIRTLET, false, Phase.NEVER_SEEN));
    assertThat(node.router.backends().get(1).reason()).contains("is down");

    node.virtlet.up();
    assertThat(phasesOf(VIRTLET)).containsExactly(Phase.READY);
  }

  static List<BackendListener> brokenListeners() {
    return List.of(
        state -> {
          throw new IllegalStateException("metrics are broken");
        },
        state -> {
          throw new NoClassDefFoundError("com/example/Metrics");
        });
  }

  @ParameterizedTest
  @MethodSource("brokenListeners")
  void aListenerThatThrowsDoesNotAffectOthers(BackendListener broken) {
    Node node =
        Node.builder()
            .configure(builder -> builder.listener(broken).listener(received::add))
            .build();
    received.clear();

    ErrorLog errors = new ErrorLog();
    try {
      node.virtlet.down();
    } finally {
      errors.close();
    }
    assertThat(errors.lines()).singleElement().asString().contains("virtlet.cloud");
    assertThat(phasesOf(VIRTLET)).containsExactly(Phase.LOST);
    assertThat(node.runOnContainerd("a")).as("and the router works").isNotEmpty();
  }

  @Test
  void aChangeCausedByAListenerIsReportedAfterTheCurrentOne() {
    List<String> heard = new ArrayList<>();
    AtomicReference<FakeRuntime> runtime = new AtomicReference<>();
    BackendListener first =
        state -> {
          if (state.phase() == Phase.LOST) {
            heard.add("first LOST begins");
            runtime.get().up();
            heard.add("first LOST ends");
          } else {
            heard.add("first READY");
          }
        };
    Node node =
        Node.builder()
            .configure(
                builder ->
                    builder.listener(first).listener(state -> heard.add("second " + state.phase())))
            .build();
    runtime.set(node.virtlet);
    heard.clear();

    node.virtlet.down();

    assertThat(heard)
        .containsExactly(
            "first LOST begins", "first LOST ends", "second LOST", "first READY", "second READY");
  }

  @Test
  void changesByManyThreadsAreReportedSeriallyInOrder() throws Exception {
    AtomicInteger within = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    Node node =
        node(
            state -> {
              if (state.name().equals(VIRTLET)) {
                overlaps.addAndGet(within.getAndIncrement());
                received.add(state);
                Thread.onSpinWait();
                within.decrementAndGet();
              }
            });
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> loops = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        loops.add(threads.submit(() -> flap(node.virtlet)));
      }
      for (Future<?> loop : loops) {
        loop.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(overlaps).hasValue(0);
    List<Phase> phases = phasesOf(VIRTLET);
    assertThat(phases).hasSizeGreaterThan(10);
    for (int i = 0; i < phases.size(); i++) {
      assertThat(phases.get(i)).as("change %d", i).isEqualTo(i % 2 == 0 ? Phase.READY : Phase.LOST);
    }
    assertThat(phases.get(phases.size() - 1))
        .as("the last reported state is the current one")
        .isEqualTo(node.router.backends().get(1).phase());
  }

  private static void flap(FakeRuntime runtime) {
    for (int i = 0; i < 300; i++) {
      runtime.down();
      runtime.up();
    }
  }

  @Test
  void nothingIsReportedAfterClose() {
    Node node = node(received::add);
    received.clear();

    node.router.close();
    node.virtlet.down();
    node.clock.advance(Duration.ofMinutes(1));

    assertThat(received).isEmpty();
  }

  @Test
  void aSnapshotDoesNotChange() {
    Node node = Node.create();
    List<BackendState> before = node.router.backends();

    node.virtlet.down();

    assertThat(before).extracting(BackendState::phase).containsExactly(Phase.READY, Phase.READY);
    assertThat(node.router.backends())
        .extracting(BackendState::phase)
        .containsExactly(Phase.READY, Phase.LOST);
  }
}
