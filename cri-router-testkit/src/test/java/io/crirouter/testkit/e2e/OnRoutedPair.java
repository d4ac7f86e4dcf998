package io.crirouter.testkit.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdLine;
import java.util.Optional;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/**
 * Tests on the pair of each line that their class names. They share it with others: what they make
 * carries their own labels, and what is not theirs they leave as it is.
 */
@ExtendWith(SharedPairs.Extension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnRoutedPair {
  @Parameter ContainerdLine line;

  private RoutedPair pair;

  @BeforeParameterizedClassInvocation
  void usePair(ContainerdLine here, SharedPairs pairs) {
    pair = null;
    Optional<String> reason = ContainerdEnvironment.reasonToSkip(here);
    assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
    pair = pairs.on(here);
  }

  RoutedPair pair() {
    return pair;
  }

  CriClient proxy() {
    return pair.proxy();
  }

  CriClient direct(Side side) {
    return pair.direct(side);
  }

  /** A pod that all tests share. */
  KubeletPod pod(Side side) {
    return pair.pod(side);
  }

  /** The client's id of that pod's container. */
  String container(Side side) {
    return pair.pod(side).container();
  }

  /** The runtime's id of that pod's container. */
  String ownContainer(Side side) {
    return side.ownId(container(side));
  }
}
