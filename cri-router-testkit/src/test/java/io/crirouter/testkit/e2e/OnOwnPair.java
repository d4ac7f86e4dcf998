package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/**
 * Tests that kill or stop runtimes: they have a pair of each line for themselves, with a pod on
 * either side.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnOwnPair {
  @Parameter ContainerdLine line;

  private RoutedPair pair;

  @BeforeParameterizedClassInvocation
  void startPair(ContainerdLine here) {
    Optional<String> reason = ContainerdEnvironment.reasonToSkip(here);
    assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
    pair = RoutedPair.start(here);
    for (Side side : Side.values()) {
      pair.pod(side);
    }
  }

  /** A test that has failed half-way must not fail the others. */
  @AfterEach
  void bringBackWhoIsAway() {
    for (Side side : Side.values()) {
      if (!pair.runtime(side).isAlive()) {
        restart(side);
      } else {
        pair.runtime(side).resume();
      }
    }
  }

  @AfterParameterizedClassInvocation
  void endPair() {
    RoutedPair ending = pair;
    pair = null;
    if (ending != null) {
      ending.close();
    }
  }

  RoutedPair pair() {
    return pair;
  }

  CriClient proxy() {
    return pair.proxy();
  }

  /** A pod that all tests of the class share. */
  KubeletPod pod(Side side) {
    return pair.pod(side);
  }

  ContainerdInstance runtime(Side side) {
    return pair.runtime(side);
  }

  /** Starts the runtime again, and waits until the router has found it. */
  void restart(Side side) {
    pair.runtime(side).restart();
    awaitAnswer(side, pair.proxy());
  }

  /**
   * Waits until a runtime answers through a router. A call a moment before may be told that it is
   * away, but nothing else.
   */
  void awaitAnswer(Side side, CriClient router) {
    Question question = new Question("PodSandboxStatus", "pod_sandbox_id: 'POD'");
    Await.until(
        "answer of the runtime that is back",
        () -> question.ask(router, Question.Names.inFront(pod(side))),
        outcome -> {
          assertThat(outcome.code()).isIn(Status.Code.OK, Status.Code.UNAVAILABLE);
          return outcome.code() == Status.Code.OK;
        });
  }
}
