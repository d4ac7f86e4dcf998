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
 * The base of tests that kill or stop runtimes. They use their own pair of each line, with a pod on
 * both runtimes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WithExclusivePair {
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

  /** Restores the runtimes, so that a failed test does not affect others. */
  @AfterEach
  void restoreRuntimes() {
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

  /** A pod shared by all tests of the class. */
  KubeletPod pod(Side side) {
    return pair.pod(side);
  }

  ContainerdInstance runtime(Side side) {
    return pair.runtime(side);
  }

  /** Restarts the runtime and waits until it answers through the router. */
  void restart(Side side) {
    pair.runtime(side).restart();
    awaitAnswer(side, pair.proxy());
  }

  /**
   * Waits until a runtime answers through a router. Until then calls must fail with UNAVAILABLE.
   */
  void awaitAnswer(Side side, CriClient router) {
    CriCall call = new CriCall("PodSandboxStatus", "pod_sandbox_id: 'POD'");
    Await.until(
        "response of the restarted runtime",
        () -> call.execute(router, CriCall.Names.forClients(pod(side))),
        outcome -> {
          assertThat(outcome.code()).isIn(Status.Code.OK, Status.Code.UNAVAILABLE);
          return outcome.code() == Status.Code.OK;
        });
  }
}
