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

/** Makes a kubelet's calls for one plain pod and one that is marked for the special runtime. */
final class DemoKubelet {
  /** Creation and start of a sandbox and a container at each of two runtimes. */
  private static final int EVENTS = 8;

  private final RuntimeServiceBlockingStub runtime;
  private final ImageServiceBlockingStub images;
  private final DemoCalls calls;
  private final DemoReport report;
  private final DemoNode node;

  DemoKubelet(DemoNode node, DemoReport report) {
    this.node = node;
    this.runtime = node.kubelet(node.client().runtime());
    this.images = node.kubelet(node.client().images());
    this.calls = new DemoCalls(node, report);
    this.report = report;
  }

  /**
   * Runs the scenario.
   *
   * @param keep whether the pods stay at the end
   */
  void run(boolean keep) {
    DemoPod plain = pod("web", PRIMARY, Map.of());
    DemoPod marked = pod("vm", SPECIAL, Map.of(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, SPECIAL));
    try (ResponseStream<ContainerEventResponse> events = node.client().events()) {
      callVersionAndStatus();
      plain.run();
      marked.run();
      list(plain, marked);
      readEvents(events);
      if (!keep) {
        plain.remove();
        marked.remove();
        removeImage(plain.image());
      }
    }
  }

  private DemoPod pod(String name, String owner, Map<String, String> annotations) {
    return new DemoPod(name, owner, annotations, runtime, images, calls, report);
  }

  private void callVersionAndStatus() {
    report.section(
        "The kubelet starts: the primary answers for the node, the others are conditions.");
    calls.call(
        "Version",
        "",
        List.of(PRIMARY),
        () -> runtime.version(VersionRequest.getDefaultInstance()),
        version -> version.getRuntimeName());
    calls.call(
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

  private void list(DemoPod plain, DemoPod marked) {
    report.section("The kubelet lists: the lists have the objects of both runtimes.");
    calls.call(
        "ListPodSandbox",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()),
        answer ->
            calls.require(
                answer.getItemsList().stream().map(item -> item.getId()).toList(),
                List.of(plain.sandbox(), marked.sandbox())));
    calls.call(
        "ListContainers",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> runtime.listContainers(ListContainersRequest.getDefaultInstance()),
        answer ->
            calls.require(
                answer.getContainersList().stream().map(item -> item.getId()).toList(),
                List.of(plain.container(), marked.container())));
    calls.call(
        "ListContainerStats",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> runtime.listContainerStats(ListContainerStatsRequest.getDefaultInstance()),
        answer ->
            calls.require(
                answer.getStatsList().stream().map(item -> item.getAttributes().getId()).toList(),
                List.of(plain.container(), marked.container())));
    calls.call(
        "ListImages",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> images.listImages(ListImagesRequest.getDefaultInstance()),
        answer ->
            answer.getImagesList().stream()
                .map(Image::getRepoTagsList)
                .flatMap(List::stream)
                .collect(Collectors.joining(" ")));
    calls.call(
        "ImageFsInfo",
        "",
        List.of(PRIMARY, SPECIAL),
        () -> images.imageFsInfo(ImageFsInfoRequest.getDefaultInstance()),
        answer ->
            answer.getImageFilesystemsList().stream()
                .map(filesystem -> filesystem.getFsId().getMountpoint())
                .collect(Collectors.joining(" ")));
    plain.inspect();
    marked.inspect();
  }

  private void readEvents(ResponseStream<ContainerEventResponse> events) {
    report.section("The kubelet reads events: one stream has the events of both runtimes.");
    for (int i = 0; i < EVENTS; i++) {
      ContainerEventResponse event = events.next();
      String owner = event.getContainerId().startsWith("virt__") ? SPECIAL : PRIMARY;
      report.call(
          "GetContainerEvents",
          "",
          List.of("from " + owner),
          "",
          event.getContainerEventType() + " " + event.getContainerId());
    }
  }

  private void removeImage(String id) {
    report.section("The kubelet removes the image by its id, and so from both runtimes.");
    calls.call(
        "RemoveImage",
        id,
        List.of(PRIMARY, SPECIAL),
        () ->
            images.removeImage(
                RemoveImageRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(id))
                    .build()),
        answer -> "done");
    calls.call(
        "ListContainers",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> runtime.listContainers(ListContainersRequest.getDefaultInstance()),
        (ListContainersResponse answer) -> answer.getContainersCount() + " left");
    calls.call(
        "ListImages",
        "all",
        List.of(PRIMARY, SPECIAL),
        () -> images.listImages(ListImagesRequest.getDefaultInstance()),
        answer -> calls.require(answer.getImagesCount() + " left", "0 left"));
  }
}
