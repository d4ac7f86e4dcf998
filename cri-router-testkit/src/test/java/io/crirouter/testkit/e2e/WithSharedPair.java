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
 * The base of tests that share the pair of a line with other classes. They label what they create,
 * and do not change what others have created.
 */
@ExtendWith(SharedPairs.Extension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WithSharedPair {
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

  /** A pod shared by all tests. */
  KubeletPod pod(Side side) {
    return pair.pod(side);
  }

  /** The id of the container of that pod, for clients of the router. */
  String container(Side side) {
    return pair.pod(side).container();
  }

  /** The id of the container of that pod at the runtime. */
  String ownContainer(Side side) {
    return side.ownId(container(side));
  }
}
