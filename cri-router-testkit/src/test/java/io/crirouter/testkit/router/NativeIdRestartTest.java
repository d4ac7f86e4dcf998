package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.StateStore;
import io.crirouter.testkit.CriClient;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The owners of native ids survive a restart of the router, with a state file. */
class NativeIdRestartTest {
  @TempDir private Path folder;
  private final ErrorLog errors = new ErrorLog();
  private Path file = Path.of("");
  private SimulatedNode node = SimulatedNode.of();
  private String sandbox = "";
  private String container = "";

  @BeforeEach
  void runAPodOnTheSecondary() throws IOException {
    file = folder.resolve("state");
    node =
        SimulatedNode.of(PRIMARY, VIRTLET)
            .withStore(store())
            .configured(builder -> builder.ids(IdStrategy.nativeIds()))
            .startRouter();
    sandbox = node.runPod("vm", VIRTLET);
    container = node.runContainer(sandbox, "main");
    node.advance(Duration.ofSeconds(2));
  }

  private StateStore store() throws IOException {
    return StateStore.file(file, Runnable::run);
  }

  @AfterEach
  void stop() {
    node.close();
    errors.close();
  }

  private CallsById byId() {
    return new CallsById(node.client());
  }

  private void restartRouter() {
    node.close();
    node.startRouter();
  }

  @Test
  void idsOfALostRuntimeAreKnownAfterARestart() {
    node.virtlet().down();
    restartRouter();

    for (Status refusal :
        List.of(
            refusal(() -> byId().stopSandbox(sandbox)),
            refusal(() -> byId().stopContainer(container)))) {
      assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refusal.getDescription()).contains("runtime virtlet.cloud");
    }
    assertThat(node.runtime(PRIMARY).journal().callsOf("StopPodSandbox")).isEmpty();
  }

  @Test
  void shortenedIdsAreKnownAfterARestart() {
    String plain = node.runPod("web", PRIMARY);
    node.advance(Duration.ofSeconds(2));
    node.virtlet().down();
    restartRouter();

    assertThat(byId().sandboxStatus(plain.substring(0, 13))).isEqualTo(plain);
  }

  @Test
  void removedIdsAreKnownAfterARestart() {
    byId().removeContainer(container);
    node.advance(Duration.ofSeconds(2));
    restartRouter();

    refusal(() -> byId().containerStatus(container));

    assertThat(node.virtlet().journal().callsOf("ContainerStatus")).hasSize(1);
  }

  @Test
  void idsThatAreGoneAfterAnOutageExpire() {
    node.virtlet().down();
    restartRouter();
    node.withRuntime(VIRTLET, builder -> builder.idSeed("reinstalled"));
    restartRouter();
    node.advance(Duration.ofMinutes(6));

    assertThat(refusal(() -> byId().sandboxStatus(sandbox)).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
    assertThat(node.runtime(PRIMARY).journal().callsOf("PodSandboxStatus")).hasSize(1);
  }

  @Test
  void aCorruptFileIsLoggedAndOwnersAreLearnedFromLists() throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 0x55;
    Files.write(file, content);

    restartRouter();

    assertThat(errors.lines()).anyMatch(line -> line.contains("checksum"));
    assertThat(byId().sandboxStatus(sandbox)).isEqualTo(sandbox);
    assertThat(byId().containerStatus(container)).isEqualTo(container);

    node.advance(Duration.ofSeconds(2));
    node.virtlet().down();
    restartRouter();
    assertThat(refusal(() -> byId().sandboxStatus(sandbox)).getDescription())
        .as("the new file is a good one")
        .contains("runtime virtlet.cloud");
  }

  @Test
  void afterACorruptFileUnknownIdsMayBelongToALostRuntime() throws IOException {
    Files.writeString(file, "not a state file");
    node.virtlet().down();

    restartRouter();

    Status refusal = refusal(() -> byId().stopSandbox(sandbox));
    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refusal.getDescription()).contains("may belong to runtime virtlet.cloud");
  }

  @Test
  void malformedOwnersAreLoggedAndLearnedAgain() throws IOException {
    String state = store().load().orElseThrow().toString(ISO_8859_1);
    int name = state.indexOf(VIRTLET);
    String damaged = state.substring(0, name) + '/' + state.substring(name + 1);
    store().save(ByteString.copyFrom(damaged, ISO_8859_1), () -> {});

    restartRouter();

    assertThat(errors.lines())
        .anyMatch(line -> line.contains("what the router knew before its restart is lost"));
    assertThat(byId().sandboxStatus(sandbox)).isEqualTo(sandbox);
  }

  @Test
  void aKillDuringASaveKeepsTheLastFile() throws IOException {
    Files.writeString(file.resolveSibling("state.new"), "cri-router state 2\nhalf a li", UTF_8);
    node.virtlet().down();
    restartRouter();

    assertThat(refusal(() -> byId().sandboxStatus(sandbox)).getDescription())
        .contains("runtime virtlet.cloud");
    assertThat(errors.lines()).isEmpty();

    String plain = node.runPod("web", PRIMARY);
    node.advance(Duration.ofSeconds(2));
    node.runtime(PRIMARY).down();
    restartRouter();
    assertThat(refusal(() -> byId().sandboxStatus(plain)).getDescription())
        .as("later changes are saved")
        .contains("runtime containerd");
  }

  @Test
  void idsOfAFormerRuntimeAreUnavailable() throws IOException {
    node.close();
    try (SimulatedNode smaller =
        SimulatedNode.of(PRIMARY)
            .withStore(store())
            .configured(builder -> builder.ids(IdStrategy.nativeIds()))
            .startRouter()) {
      CallsById calls = new CallsById(smaller.client());
      for (Status refusal :
          List.of(
              refusal(() -> calls.stopSandbox(sandbox)),
              refusal(() -> calls.stopContainer(container)))) {
        assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refusal.getDescription())
            .contains("runtime virtlet.cloud is not configured any more");
      }
      assertThat(calls.sandboxesLike(sandbox)).as("as last known").containsExactly(sandbox);
      smaller.advance(Duration.ofSeconds(2));
      smaller.close();
      smaller.startRouter();
      assertThat(refusal(() -> new CallsById(smaller.client()).stopSandbox(sandbox)).getCode())
          .as("also after the next restart")
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void idsOfARenamedRuntimeAreKnown() throws IOException {
    node.close();
    CriRouter renamed =
        CriRouter.builder()
            .scheduler(node.time())
            .stateStore(store())
            .ids(IdStrategy.nativeIds())
            .primary(BackendName.of(PRIMARY), node.runtime(PRIMARY))
            .secondary(BackendName.of("virtlet"), node.virtlet())
            .build();
    try (renamed;
        var client = CriClient.of(renamed)) {
      assertThat(new CallsById(client).sandboxStatus(sandbox)).isEqualTo(sandbox);
    }
    assertThat(errors.lines()).isEmpty();
  }

  @Test
  void aCollisionIsReportedAgainAfterARestart() {
    Iterator<String> same = List.of("aaaa", "bbbb").iterator();
    Iterator<String> other = List.of("aaaa", "cccc").iterator();
    node.withRuntime(PRIMARY, builder -> builder.ids(same::next))
        .withRuntime(VIRTLET, builder -> builder.ids(other::next));
    restartRouter();
    node.runPod("web", PRIMARY);
    node.runPod("vm2", VIRTLET);
    node.advance(Duration.ofSeconds(2));
    node.virtlet().failAlways("ListPodSandbox", RpcStatus.of(Code.UNKNOWN, "busy"));
    restartRouter();

    assertThat(errors.lines()).hasSize(2).allMatch(line -> line.contains("pod sandbox aaaa"));
  }
}
