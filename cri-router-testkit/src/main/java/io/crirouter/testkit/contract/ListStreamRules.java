package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Message;
import io.crirouter.proto.v1.ImageServiceGrpc;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StreamContainerStatsRequest;
import io.crirouter.proto.v1.StreamContainersRequest;
import io.crirouter.proto.v1.StreamImagesRequest;
import io.crirouter.proto.v1.StreamPodSandboxStatsRequest;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.testkit.ResponseStream;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.function.Function;

/**
 * Streamed lists, with the entries of the unary lists. Kubelets stop using them if entry is
 * UNIMPLEMENTED.
 */
final class ListStreamRules {
  private ListStreamRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("StreamPodSandboxes", ListStreamRules::pods, Feature.LIST_STREAMS);
    area.add("StreamContainers", ListStreamRules::containers, Feature.LIST_STREAMS);
    area.add("StreamImages", ListStreamRules::images, Feature.LIST_STREAMS);
    area.add(
        "StreamContainerStats",
        ListStreamRules::containerStats,
        Feature.LIST_STREAMS,
        Feature.CONTAINER_STATS);
    area.add(
        "StreamPodSandboxStats",
        ListStreamRules::podStats,
        Feature.LIST_STREAMS,
        Feature.POD_STATS);
    return area.rules();
  }

  /** Asserts that an id is in the messages of a stream exactly once. */
  private static <Q extends Message, R extends Message> void assertOnce(
      RuleCalls calls,
      String id,
      MethodDescriptor<Q, R> rpc,
      Q request,
      Function<R, List<String>> ids) {
    try (ResponseStream<R> stream = calls.client().stream(rpc, request)) {
      List<String> found =
          stream.rest().stream().map(ids).flatMap(List::stream).filter(id::equals).toList();
      assertEquals(List.of(id), found, () -> "entries of " + id);
    }
  }

  private static void pods(RuleCalls calls) {
    assertOnce(
        calls,
        calls.shared().id(),
        RuntimeServiceGrpc.getStreamPodSandboxesMethod(),
        StreamPodSandboxesRequest.getDefaultInstance(),
        chunk -> chunk.getPodSandboxesList().stream().map(entry -> entry.getId()).toList());
  }

  private static void containers(RuleCalls calls) {
    assertOnce(
        calls,
        calls.shared().container(),
        RuntimeServiceGrpc.getStreamContainersMethod(),
        StreamContainersRequest.getDefaultInstance(),
        chunk -> chunk.getContainersList().stream().map(entry -> entry.getId()).toList());
  }

  private static void images(RuleCalls calls) {
    assertOnce(
        calls,
        calls.status(calls.shared().container()).getImageId(),
        ImageServiceGrpc.getStreamImagesMethod(),
        StreamImagesRequest.getDefaultInstance(),
        chunk -> chunk.getImagesList().stream().map(entry -> entry.getId()).toList());
  }

  private static void containerStats(RuleCalls calls) {
    assertOnce(
        calls,
        calls.shared().container(),
        RuntimeServiceGrpc.getStreamContainerStatsMethod(),
        StreamContainerStatsRequest.getDefaultInstance(),
        chunk ->
            chunk.getContainerStatsList().stream()
                .map(entry -> entry.getAttributes().getId())
                .toList());
  }

  private static void podStats(RuleCalls calls) {
    assertOnce(
        calls,
        calls.shared().id(),
        RuntimeServiceGrpc.getStreamPodSandboxStatsMethod(),
        StreamPodSandboxStatsRequest.getDefaultInstance(),
        chunk ->
            chunk.getPodSandboxStatsList().stream()
                .map(entry -> entry.getAttributes().getId())
                .toList());
  }
}
