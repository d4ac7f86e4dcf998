package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.TestRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A runtime that was killed under its pods does not take them out of the kubelet's lists. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class TruthfulListsE2eTest extends OnOwnPair {
  private static final Question SANDBOXES = new Question("ListPodSandbox", "");
  private static final Question CONTAINERS = new Question("ListContainers", "");
  private static final Question BUSYBOX =
      new Question("ListImages", "filter { image { image: 'IMAGE/busybox:1' } }");

  @Test
  void listsStayWholeUnderEveryFilterWhileASecondaryIsDead() {
    KubeletPod stopped = stoppedPod();
    Lists before = Lists.seenThrough(proxy(), pod(Side.SECONDARY));
    assertThat(before.answer(CONTAINERS)).hasSizeGreaterThanOrEqualTo(3);

    runtime(Side.SECONDARY).kill();

    assertThat(Lists.seenThrough(proxy(), pod(Side.SECONDARY))).isEqualTo(before);
    assertThat(namesOfBusybox()).containsExactly(Side.SECONDARY.image(TestRegistry.BUSYBOX));
    restart(Side.SECONDARY);
    assertThat(Lists.seenThrough(proxy(), pod(Side.SECONDARY))).isEqualTo(before);
    stopped.delete();
  }

  /** As the router filters what it knows; containerd itself does not filter. */
  private List<String> namesOfBusybox() {
    return Lists.seenThrough(proxy(), pod(Side.SECONDARY), List.of(BUSYBOX))
        .answer(BUSYBOX)
        .stream()
        .map(Image.class::cast)
        .flatMap(image -> image.getRepoTagsList().stream())
        .toList();
  }

  /** So that lists have more than one state. */
  private KubeletPod stoppedPod() {
    KubeletPod pod = KubeletPod.run(pair(), Side.SECONDARY, "stopped");
    pod.stop(pod.start(PodSpecs.talker("main", "bye")));
    pod.stopSandbox();
    return pod;
  }

  /** A kubelet that has only just come, or only ever asks with filters. */
  @Test
  void listsAreWholeThoughNobodyHasAskedForThemBefore() {
    List<String> known =
        ids(Lists.seenThrough(proxy(), pod(Side.SECONDARY), Lists.UNFILTERED), CONTAINERS);
    try (RouterInFront fresh = RouterInFront.of(pair().runtimes(), RouterInFront.Setup.DEFAULT)) {
      runtime(Side.SECONDARY).kill();

      Lists seen = Lists.seenThrough(fresh.client(), pod(Side.SECONDARY));

      assertThat(ids(seen, CONTAINERS)).isEqualTo(known).contains(pod(Side.SECONDARY).container());
      assertThat(ids(seen, SANDBOXES)).contains(pod(Side.SECONDARY).id());
    }
  }

  @Test
  void whatHappenedMeanwhileIsSeenOnReturnUnderTheSameIdsAndThePodCanBeRemoved()
      throws IOException {
    Gate gate = Gate.in(pair().runtimes().run().path().resolve("gate-" + line));
    KubeletPod pod = KubeletPod.run(pair(), Side.SECONDARY, "gated");
    String container = pod.start(gate.container());
    runtime(Side.SECONDARY).kill();
    gate.open();
    gate.awaitEnd();

    assertThat(listed(container).getState())
        .as("as it was last known")
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
    restart(Side.SECONDARY);

    Container returned =
        Await.until(
            "container that is seen as ended",
            () -> listed(container),
            seen -> seen.getState() == ContainerState.CONTAINER_EXITED);
    assertThat(returned.getPodSandboxId()).isEqualTo(pod.id());
    assertThat(pod.status(container).getStatus().getExitCode())
        .isEqualTo(
            pair()
                .direct(Side.SECONDARY)
                .runtime()
                .containerStatus(
                    ContainerStatusRequest.newBuilder()
                        .setContainerId(Side.SECONDARY.ownId(container))
                        .build())
                .getStatus()
                .getExitCode())
        .isNotZero();
    pod.delete();
    Lists after = Lists.seenThrough(proxy(), pod(Side.SECONDARY), Lists.UNFILTERED);
    assertThat(ids(after, SANDBOXES)).doesNotContain(pod.id());
    assertThat(ids(after, CONTAINERS)).doesNotContain(container);
  }

  private Container listed(String container) {
    return (Container)
        Lists.seenThrough(proxy(), pod(Side.SECONDARY), List.of(CONTAINERS))
            .answer(CONTAINERS)
            .stream()
            .filter(item -> ((Container) item).getId().equals(container))
            .findAny()
            .orElseThrow();
  }

  @Test
  void killedRouterListsEverythingFromItsFirstAnswerOnThoughARuntimeIsAway() {
    Path state = pair().runtimes().run().path().resolve("state-" + line);
    try (RouterProcess router = RouterProcess.start(pair().runtimes(), state)) {
      KubeletPod pod =
          KubeletPod.run(
              router.client(), Side.SECONDARY, PodSpecs.pod(pair(), Side.SECONDARY, "kept"), "");
      pod.start(PodSpecs.talker("main", "hello"));
      Lists before = Lists.seenThrough(router.client(), pod);
      awaitSaved(state, before);
      runtime(Side.SECONDARY).kill();

      router.kill();

      try (RouterProcess next = RouterProcess.start(pair().runtimes(), state)) {
        assertThat(Lists.seenThrough(next.client(), pod)).isEqualTo(before);
        restart(Side.SECONDARY);
        awaitAnswer(Side.SECONDARY, next.client());
        assertThat(Lists.seenThrough(next.client(), pod)).isEqualTo(before);
        pod.through(next.client()).delete();
      }
    }
  }

  /** What is listed is saved a moment later; the runtime's own times of creation tell it apart. */
  private static void awaitSaved(Path state, Lists lists) {
    List<String> times =
        Stream.concat(
                lists.answer(SANDBOXES).stream()
                    .map(PodSandbox.class::cast)
                    .filter(sandbox -> Side.SECONDARY.isIdForClients(sandbox.getId()))
                    .map(s -> PodSandbox.newBuilder().setCreatedAt(s.getCreatedAt()).build()),
                lists.answer(CONTAINERS).stream()
                    .map(Container.class::cast)
                    .filter(container -> Side.SECONDARY.isIdForClients(container.getId()))
                    .map(c -> Container.newBuilder().setCreatedAt(c.getCreatedAt()).build()))
            .map(field -> field.toByteString().toString(StandardCharsets.ISO_8859_1))
            .toList();
    assertThat(times).hasSizeGreaterThanOrEqualTo(4);
    Await.until(
        "saved state", () -> read(state), saved -> times.stream().allMatch(saved::contains));
  }

  private static String read(Path state) {
    try {
      return Files.exists(state) ? Files.readString(state, StandardCharsets.ISO_8859_1) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("the state cannot be read", e);
    }
  }

  private static List<String> ids(Lists lists, Question question) {
    return lists.answer(question).stream().map(TruthfulListsE2eTest::id).sorted().toList();
  }

  private static String id(Message item) {
    return item instanceof Container container ? container.getId() : ((PodSandbox) item).getId();
  }
}
