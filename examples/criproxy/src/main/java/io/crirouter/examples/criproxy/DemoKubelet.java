package io.crirouter.examples.criproxy;

import static io.crirouter.examples.criproxy.DemoNode.PRIMARY;
import static io.crirouter.examples.criproxy.DemoNode.SPECIAL;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFsInfoRequest;
import io.crirouter.proto.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.ResponseStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Does what a kubelet does with one plain pod and one that is marked for the special runtime. */
final class DemoKubelet {
  /** Creation and start, of a sandbox and a container each, at two runtimes. */
  private static final int EVENTS = 8;

  private final RuntimeServiceBlockingStub runtime;
  private final ImageServiceBlockingStub images;
  private final Steps steps;
  private final Ledger ledger;
  private final DemoNode node;

  DemoKubelet(DemoNode node, Ledger ledger) {
    this.node = node;
    this.runtime = node.kubelet(node.client().runtime());
    this.images = node.kubelet(node.client().images());
    this.steps = new Steps(node, ledger);
    this.ledger = ledger;
  }

  /**
   * Plays it.
   *
   * @param keep whether the pods stay when it is over
   */
  void play(boolean keep) {
    DemoPod plain = pod("web", PRIMARY, Map.of());
    DemoPod marked = pod("vm", SPECIAL, Map.of(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, SPECIAL));
    try (ResponseStream<ContainerEventResponse> events = node.client().events()) {
      greet();
      plain.run();
      marked.run();
      look(plain, marked);
      hear(events);
      if (!keep) {
        plain.remove();
        marked.remove();
        clean(plain.image());
      }
    }
  }

  private DemoPod pod(String name, String owner, Map<String, String> annotations) {
    return new DemoPod(name, owner, annotations, runtime, images, steps, ledger);
  }

  private void greet() {
    ledger.chapter(
        "The kubelet starts: the primary speaks for the node, others show as conditions.");
    steps.call(
        "Version",
        "",
        List.of(PRIMARY),
        () -> runtime.version(VersionRequest.getDefaultInstance()),
        version -> version.getRuntimeName());
    steps.call(
        "Status",
        "",
        List.of(PRIMARY),
        () -> runtime.status(StatusRequest.getDefaultInstance()),
        status ->
            status.getStatus().getConditionsList().stream()
                .filter(RuntimeCondition::getStatus)
                .map(RuntimeCondition::getType)
                .collect(Collectors.joining(" ")));
  }

  private void look(DemoPod plain, DemoPod marked) {
    ledger.chapter("The kubelet looks: lists have what both runtimes have.");
    steps.call(
        "ListPodSandbox",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()),
        answer ->
            steps.require(
                answer.getItemsList().stream().map(item -> item.getId()).toList(),
                List.of(plain.sandbox(), marked.sandbox())));
    steps.call(
        "ListContainers",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> runtime.listContainers(ListContainersRequest.getDefaultInstance()),
        answer ->
            steps.require(
                answer.getContainersList().stream().map(item -> item.getId()).toList(),
                List.of(plain.container(), marked.container())));
    steps.call(
        "ListContainerStats",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> runtime.listContainerStats(ListContainerStatsRequest.getDefaultInstance()),
        answer ->
            steps.require(
                answer.getStatsList().stream().map(item -> item.getAttributes().getId()).toList(),
                List.of(plain.container(), marked.container())));
    steps.call(
        "ListImages",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> images.listImages(ListImagesRequest.getDefaultInstance()),
        answer ->
            answer.getImagesList().stream()
                .map(Image::getRepoTagsList)
                .flatMap(List::stream)
                .collect(Collectors.joining(" ")));
    steps.call(
        "ImageFsInfo",
        "",
        List.of(PRIMARY, SPECIAL),
        () -> images.imageFsInfo(ImageFsInfoRequest.getDefaultInstance()),
        answer ->
            answer.getImageFilesystemsList().stream()
                .map(filesystem -> filesystem.getFsId().getMountpoint())
                .collect(Collectors.joining(" ")));
    plain.lookInto();
    marked.lookInto();
  }

  private void hear(ResponseStream<ContainerEventResponse> events) {
    ledger.chapter("Meanwhile the kubelet has listened: one stream has the events of both.");
    for (int i = 0; i < EVENTS; i++) {
      ContainerEventResponse event = events.next();
      String owner = event.getContainerId().startsWith("virt__") ? SPECIAL : PRIMARY;
      ledger.call(
          "GetContainerEvents",
          "",
          List.of("from " + owner),
          "",
          event.getContainerEventType() + " " + event.getContainerId());
    }
  }

  private void clean(String id) {
    ledger.chapter("The image is collected, by its id and so from both runtimes.");
    steps.call(
        "RemoveImage",
        id,
        List.of(PRIMARY, SPECIAL),
        () ->
            images.removeImage(
                RemoveImageRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(id))
                    .build()),
        answer -> "done");
    steps.call(
        "ListContainers",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> runtime.listContainers(ListContainersRequest.getDefaultInstance()),
        (ListContainersResponse answer) -> answer.getContainersCount() + " left");
    steps.call(
        "ListImages",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> images.listImages(ListImagesRequest.getDefaultInstance()),
        answer -> steps.require(answer.getImagesCount() + " left", "0 left"));
  }
}
