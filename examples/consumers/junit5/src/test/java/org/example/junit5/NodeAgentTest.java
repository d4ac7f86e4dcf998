package org.example.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.RouterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Node software that needs a CRI runtime in its tests. */
class NodeAgentTest {
  @RegisterExtension
  static final RouterExtension NODE = RouterExtension.builder().primary("containerd").build();

  @Test
  void findsARuntimeAtTheSocket() {
    assertEquals(
        "0.1.0", NODE.client().runtime().version(VersionRequest.getDefaultInstance()).getVersion());
  }

  @Test
  void runsOnTheJUnitOfItsOwnProject() {
    String version = Test.class.getPackage().getImplementationVersion();
    assertTrue(version.startsWith("5."), version);
  }
}
