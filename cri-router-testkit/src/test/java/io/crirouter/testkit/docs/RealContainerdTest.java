package io.crirouter.testkit.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.ContainerdPair;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A snippet of docs/testing.md. */
class RealContainerdTest {
  // snippet: containerd
  @Test
  void containerdAnswers() {
    Optional<String> reason = ContainerdEnvironment.reasonToSkip(ContainerdLine.INSTALLED);
    assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
    try (ContainerdPair pair = ContainerdPair.start(ContainerdLine.INSTALLED);
        CriClient client = CriClient.connect(pair.primary().socket())) {
      assertThat(client.runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
          .isEqualTo("containerd");

      pair.primary().kill();
      pair.primary().restart();
    }
  }
  // end
}
