package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.TestImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a kubelet does on its own account. */
class KubeletE2eTest extends OnCluster {
  /** The kubelet does not evict such pods, however full the disk is. */
  private static final String CRITICAL =
      """
      priorityClassName: system-node-critical
      containers:
      - {name: main, image: "registry.test/%s", command: [sleep, "1000"]}
      """;

  private static final String MOUNTING =
      """
      priorityClassName: system-node-critical
      volumes: [{name: files, image: {reference: "registry.test/mounted:1"}}]
      containers:
      - {name: main, image: "registry.test/used:1", command: [sleep, "1000"],
         volumeMounts: [{name: files, mountPath: /files}]}
      """;

  KubeletE2eTest(Cluster cluster) {
    super(cluster);
  }

  /** What the proxy adds for its other runtimes does not reach the API server. */
  @Test
  void bothNodesAreInTheSameCondition() {
    Await.until(
        "the same conditions",
        () ->
            cluster.nodes().stream()
                .map(node -> new NodeReport(cluster.client(), node.name()).conditions())
                .toList(),
        conditions -> conditions.stream().distinct().count() == 1);
  }

  @Test
  void theSummaryOfStatsHasAllPods() {
    EverywherePods pods = everywhere("measured", CRITICAL.formatted("busybox:1")).awaitReady();
    pods.forEach(
        pod ->
            Await.until(
                "stats of " + pod,
                () -> stats(pod),
                stats -> stats.contains("main/memory") && stats.contains("main/rootfs")));
    Await.until(
        "the same kinds of stats everywhere",
        () -> pods.all().stream().map(this::stats).distinct().toList(),
        kinds -> kinds.size() == 1);
    if (cluster.kubernetes().turnedOn().contains("PodAndContainerStatsFromCRI")) {
      pods.forEach(pod -> assertThat(stats(pod)).contains("pod/network"));
    }
  }

  /** Which kinds of figures there are of a pod and of its container. */
  private List<String> stats(TestPod pod) {
    JsonObject summary =
        cluster
            .client()
            .get("/api/v1/nodes/" + pod.place().node(cluster).name() + "/proxy/stats/summary");
    List<String> kinds = new ArrayList<>();
    for (JsonElement each : summary.getAsJsonArray("pods")) {
      JsonObject stats = each.getAsJsonObject();
      if (!stats.getAsJsonObject("podRef").get("name").getAsString().equals(pod.name())) {
        continue;
      }
      stats.keySet().forEach(key -> kinds.add("pod/" + key));
      for (JsonElement container : stats.getAsJsonArray("containers")) {
        container.getAsJsonObject().keySet().forEach(key -> kinds.add("main/" + key));
      }
    }
    kinds.sort(null);
    return kinds;
  }

  /**
   * A full disk makes it remove images at once, also while another runtime is away. What pods use
   * stays, and so does what sandboxes use.
   */
  @Test
  void aKubeletThatStartsAgainLeavesPodsAloneAndRemovesUnusedImagesOfAllRuntimes()
      throws IOException {
    for (String image : List.of("unused", "left", "used", "mounted")) {
      cluster.registry().push(image + ":1", TestImage.busybox().withLabel("of", image));
    }
    EverywherePods unused = everywhere("unused", CRITICAL.formatted("unused:1")).awaitReady();
    EverywherePods left = at("left", CRITICAL.formatted("left:1"), Place.DIRECT, Place.PRIMARY);
    left.awaitReady();
    List<String> used = new ArrayList<>(List.of("registry.test/used:1", "registry.test/pause:1"));
    EverywherePods pods = everywhere("used", CRITICAL.formatted("used:1")).awaitReady();
    if (cluster.kubernetes().isAtLeast(35)) {
      used.add("registry.test/mounted:1");
      everywhere("mounting", MOUNTING).awaitReady();
    }
    ReadinessWatch watch = ReadinessWatch.of(pods);

    for (ClusterNode node : cluster.nodes()) {
      node.kubelet().kill();
      node.kubelet().configure(Kubelet.Disk.FULL);
      node.kubelet().start();
    }
    unused.delete();
    unused.awaitGone();
    cluster.routed().special().kill();
    left.delete();
    left.awaitGone();
    awaitRemoval("left:1", used, Place.DIRECT, Place.PRIMARY);
    cluster.routed().special().restart();
    awaitRemoval("unused:1", used, Place.DIRECT, Place.PRIMARY, Place.SPECIAL);
    for (ClusterNode node : cluster.nodes()) {
      node.kubelet().kill();
      node.kubelet().configure(Kubelet.Disk.EMPTY);
      node.kubelet().start();
      cluster.awaitReady(node);
    }
    watch.assertAlwaysReadyAndNeverRestarted();
    pods.assertSameReports();
  }

  private void awaitRemoval(String image, List<String> used, Place... places) {
    for (Place place : places) {
      List<String> images =
          Await.until(
              image + " to be removed at " + place,
              () -> images(place.runtime(cluster)),
              names -> !names.contains("registry.test/" + image));
      assertThat(images).containsAll(used);
    }
  }

  private static List<String> images(ContainerdInstance runtime) {
    try (CriClient client = CriClient.connect(runtime.socket())) {
      return client
          .images()
          .listImages(ListImagesRequest.getDefaultInstance())
          .getImagesList()
          .stream()
          .map(Image::getRepoTagsList)
          .flatMap(List::stream)
          .toList();
    }
  }
}
