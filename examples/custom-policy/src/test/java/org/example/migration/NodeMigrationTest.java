package org.example.migration;

import io.crirouter.core.IdStrategy;
import io.crirouter.grpc.CriServer;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.RunDirectory;
import io.crirouter.testkit.containerd.TestRegistry;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The move of a node from one containerd to another, without ending a pod. */
class NodeMigrationTest {
  @TempDir Path folder;

  static List<IdStrategy> ids() {
    return List.of(new OwnerLast(), IdStrategy.nativeIds());
  }

  @ParameterizedTest
  @MethodSource("ids")
  void aNodeMovesBetweenFakes(IdStrategy ids) throws Exception {
    Path old = folder.resolve("old.sock");
    Path next = folder.resolve("next.sock");
    try (CriServer serverOfOld = FakeRuntime.create("old").serve(old);
        CriServer serverOfNext = FakeRuntime.create("next").serve(next)) {
      new MigrationScenario(
              new MigrationScenario.Side(old, "/old", serverOfOld::close),
              new MigrationScenario.Side(next, "/next", serverOfNext::close),
              folder,
              ids)
          .run();
    }
  }

  @Test
  void aContainerdThatIsNotReadyYetIsNotRemoved() throws Exception {
    Path old = folder.resolve("old.sock");
    Path next = folder.resolve("next.sock");
    NodeMigration migration =
        new NodeMigration(
            old,
            next,
            folder.resolve("node.sock"),
            Set.of(),
            new OwnerLast(),
            Duration.ofMillis(1));
    try (CriServer serverOfNext = FakeRuntime.create("next").serve(next);
        CriClient kubelet = CriClient.connect(migration.socket());
        RunningNode node = RunningNode.start(migration, kubelet);
        CriServer serverOfOld = FakeRuntime.create("old").serve(old);
        CriClient atOld = CriClient.connect(old)) {
      Pod web = Pod.run(atOld, "shop", "web", "/old", folder);
      MigrationScenario.awaitCode(kubelet, web.sandbox() + ".old", Status.Code.OK);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNodeMovesBetweenContainerdLines(ContainerdLine line) throws Exception {
    for (ContainerdLine each : ContainerdLine.values()) {
      Optional<String> reason = ContainerdEnvironment.reasonToSkip(each);
      Assumptions.assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
    }
    try (RunDirectory run = RunDirectory.create();
        TestRegistry registry = TestRegistry.start(run);
        ContainerdInstance old = start("old", line, run, registry);
        ContainerdInstance next = start("next", other(line), run, registry)) {
      new MigrationScenario(side(old), side(next), run.path(), new OwnerLast()).run();
    }
  }

  private static ContainerdLine other(ContainerdLine line) {
    return line == ContainerdLine.INSTALLED ? ContainerdLine.NEWER : ContainerdLine.INSTALLED;
  }

  private static ContainerdInstance start(
      String name, ContainerdLine line, RunDirectory run, TestRegistry registry) {
    return ContainerdInstance.builder(name).line(line).run(run).registry(registry).start();
  }

  private static MigrationScenario.Side side(ContainerdInstance containerd) {
    return new MigrationScenario.Side(
        containerd.socket(), containerd.cgroupParent(), containerd::kill);
  }
}
