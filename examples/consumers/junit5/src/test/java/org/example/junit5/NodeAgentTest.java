package org.example.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.core.RpcStatus;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.RouterExtension;
import io.crirouter.testkit.RuntimeName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests of node software that needs a CRI runtime. */
class NodeAgentTest {
  // snippet: agent
  @RegisterExtension
  final RouterExtension node = RouterExtension.builder().primary("containerd").build();

  @Test
  void theAgentReportsTheErrorOfTheRuntime(@RuntimeName("containerd") FakeRuntime containerd) {
    containerd.failNext("Status", RpcStatus.Code.UNAVAILABLE, "disk full");
    try (NodeAgent agent = new NodeAgent(node.socket("containerd"))) {
      assertEquals("UNAVAILABLE: disk full", agent.health());
    }
  }

  // end

  @Test
  void theAgentConnectsToTheRouter() {
    try (NodeAgent agent = new NodeAgent(node.socket())) {
      assertEquals("healthy", agent.health());
    }
  }

  @Test
  void theTestRunsOnTheJUnitOfThisProject() {
    String version = Test.class.getPackage().getImplementationVersion();
    assertTrue(version.startsWith("5."), version);
  }
}
