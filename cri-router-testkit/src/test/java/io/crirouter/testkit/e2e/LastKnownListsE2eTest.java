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

/** Pods of a killed runtime stay in the lists. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class LastKnownListsE2eTest extends WithExclusivePair {
  private static final CriCall SANDBOXES = new CriCall("ListPodSandbox", "");
  private static final CriCall CONTAINERS = new CriCall("ListContainers", "");
  private static final CriCall BUSYBOX =
      new CriCall("ListImages", "filter { image { image: 'IMAGE/busybox:1' } }");

  @Test
  void listsStayCompleteWithEachFilterWhileASecondaryIsDown() {
    KubeletPod stopped = stoppedPod();
    ListSnapshot before = ListSnapshot.query(proxy(), pod(Side.SECONDARY));
    assertThat(before.answer(CONTAINERS)).hasSizeGreaterThanOrEqualTo(3);

    runtime(Side.SECONDARY).kill();

    assertThat(ListSnapshot.query(proxy(), pod(Side.SECONDARY))).isEqualTo(before);
    assertThat(namesOfBusybox()).containsExactly(Side.SECONDARY.image(TestRegistry.BUSYBOX));
    restart(Side.SECONDARY);
    assertThat(ListSnapshot.query(proxy(), pod(Side.SECONDARY))).isEqualTo(before);
    stopped.delete();
  }

  /** The names that the router lists with a filter. containerd itself ignores the filter. */
  private List<String> namesOfBusybox() {
    return ListSnapshot.query(proxy(), pod(Side.SECONDARY), List.of(BUSYBOX))
        .answer(BUSYBOX)
        .stream()
        .map(Image.class::cast)
        .flatMap(image -> image.getRepoTagsList().stream())
        .toList();
  }

  /** A stopped pod, so that lists have more than one state. */
  private KubeletPod stoppedPod() {
    KubeletPod pod = KubeletPod.run(pair(), Side.SECONDARY, "stopped");
    pod.stop(pod.start(PodSpecs.printing("main", "bye")));
    pod.stopSandbox();
    return pod;
  }

  /** As for a kubelet that has just started, or that lists only with filters. */
  @Test
  void listsAreCompleteWithoutAnEarlierList() {
    List<String> known =
        ids(ListSnapshot.query(proxy(), pod(Side.SECONDARY), ListSnapshot.UNFILTERED), CONTAINERS);
    try (RouterInFront fresh = RouterInFront.of(pair().runtimes(), RouterInFront.Setup.DEFAULT)) {
      runtime(Side.SECONDARY).kill();

      ListSnapshot seen = ListSnapshot.query(fresh.client(), pod(Side.SECONDARY));

      assertThat(ids(seen, CONTAINERS)).isEqualTo(known).contains(pod(Side.SECONDARY).container());
      assertThat(ids(seen, SANDBOXES)).contains(pod(Side.SECONDARY).id());
    }
  }

  @Test
  void changesDuringAnOutageAreVisibleAfterItAndThePodCanBeRemoved() throws IOException {
    ExitTrigger exitTrigger =
        ExitTrigger.in(pair().runtimes().run().path().resolve("exitTrigger-" + line));
    KubeletPod pod = KubeletPod.run(pair(), Side.SECONDARY, "gated");
    String container = pod.start(exitTrigger.container());
    runtime(Side.SECONDARY).kill();
    exitTrigger.fire();
    exitTrigger.awaitEnd();

    assertThat(listed(container).getState())
        .as("the last known state")
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
    restart(Side.SECONDARY);

    Container returned =
        Await.until(
            "exited container",
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
    ListSnapshot after = ListSnapshot.query(proxy(), pod(Side.SECONDARY), ListSnapshot.UNFILTERED);
    assertThat(ids(after, SANDBOXES)).doesNotContain(pod.id());
    assertThat(ids(after, CONTAINERS)).doesNotContain(container);
  }

  private Container listed(String container) {
    return (Container)
        ListSnapshot.query(proxy(), pod(Side.SECONDARY), List.of(CONTAINERS))
            .answer(CONTAINERS)
            .stream()
            .filter(item -> ((Container) item).getId().equals(container))
            .findAny()
            .orElseThrow();
  }

  @Test
  void aRestartedRouterListsTheLastKnownStateOfALostRuntime() {
    Path state = pair().runtimes().run().path().resolve("state-" + line);
    try (RouterProcess router = RouterProcess.start(pair().runtimes(), state)) {
      KubeletPod pod =
          KubeletPod.run(
              router.client(), Side.SECONDARY, PodSpecs.pod(pair(), Side.SECONDARY, "kept"), "");
      pod.start(PodSpecs.printing("main", "hello"));
      ListSnapshot before = ListSnapshot.query(router.client(), pod);
      awaitSaved(state, before);
      runtime(Side.SECONDARY).kill();

      router.kill();

      try (RouterProcess next = RouterProcess.start(pair().runtimes(), state)) {
        assertThat(ListSnapshot.query(next.client(), pod)).isEqualTo(before);
        restart(Side.SECONDARY);
        awaitAnswer(Side.SECONDARY, next.client());
        assertThat(ListSnapshot.query(next.client(), pod)).isEqualTo(before);
        pod.through(next.client()).delete();
      }
    }
  }

  /** Waits until the listed items are saved. They are found by their creation times. */
  private static void awaitSaved(Path state, ListSnapshot lists) {
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

  private static List<String> ids(ListSnapshot lists, CriCall call) {
    return lists.answer(call).stream().map(LastKnownListsE2eTest::id).sorted().toList();
  }

  private static String id(Message item) {
    return item instanceof Container container ? container.getId() : ((PodSandbox) item).getId();
  }
}
