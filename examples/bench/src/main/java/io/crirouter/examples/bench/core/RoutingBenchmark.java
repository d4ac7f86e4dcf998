package io.crirouter.examples.bench.core;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.examples.bench.SampleContainers;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.PullImageResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A complete call through the core: routing, the translation of the request, and that of the
 * answer. The runtimes answer at once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
public class RoutingBenchmark {
  private static final SampleContainers FIRST = SampleContainers.of("first");
  private static final SampleContainers SECOND = SampleContainers.of("second");
  private static final String ID = "5a".repeat(32);

  /** Calls of different routes. */
  public enum Call {
    /** Passes to the primary unread. */
    PRIMARY_ALONE,
    /** Routed by an id of the primary. */
    STATUS_OF_PRIMARY,
    /** Routed by an id of the secondary. Request and answer are rewritten. */
    STATUS_OF_SECONDARY,
    /** A list whose filter matches one runtime only. */
    LIST_OF_ONE,
    /** Routed by the policy, which reads an annotation of the pod. */
    NEW_POD,
    /** Routed by the name of the image. */
    PULL
  }

  /** The call. */
  @Param public Call call = Call.PRIMARY_ALONE;

  private RouterClient client = new RouterClient(Map.of("first", Map.of()));
  private CriRequest request = request("Version", ByteString.EMPTY);

  /** Makes the router, and checks its answer. */
  @Setup
  public void prepare() {
    Map<String, Map<String, ByteString>> runtimes = new LinkedHashMap<>();
    runtimes.put("first", answers(FIRST));
    runtimes.put("second", answers(SECOND));
    client = new RouterClient(runtimes);
    SampleContainers seen = SECOND.behindRouter();
    switch (call) {
      case PRIMARY_ALONE -> expect("Version", ByteString.EMPTY, ByteString.EMPTY);
      case STATUS_OF_PRIMARY ->
          expect("ContainerStatus", FIRST.statusRequest(0), FIRST.status(0).toByteString());
      case STATUS_OF_SECONDARY ->
          expect("ContainerStatus", seen.statusRequest(0), seen.status(0).toByteString());
      case LIST_OF_ONE -> expect("ListContainers", filterFor(seen), seen.list(1).toByteString());
      case NEW_POD -> expect("RunPodSandbox", newPod(), newPodAnswer("seco__" + ID));
      case PULL -> expect("PullImage", pull("second/app:1"), pullAnswer("second/app:1"));
    }
  }

  private void expect(String rpc, ByteString message, ByteString answer) {
    request = request(rpc, message);
    client.check(request, answer);
  }

  private static Map<String, ByteString> answers(SampleContainers containers) {
    ListContainersResponse one = containers.list(1);
    return Map.of(
        "ContainerStatus", containers.status(0).toByteString(),
        "ListContainers", one.toByteString(),
        "RunPodSandbox", newPodAnswer(ID),
        "PullImage", pullAnswer("app:1"));
  }

  private static CriRequest request(String rpc, ByteString message) {
    return CriRequest.of(CriMethod.of(rpc), message);
  }

  private static ByteString filterFor(SampleContainers containers) {
    return ListContainersRequest.newBuilder()
        .setFilter(ContainerFilter.newBuilder().setId(containers.container(0).getId()))
        .build()
        .toByteString();
  }

  private static ByteString newPod() {
    return RunPodSandboxRequest.newBuilder()
        .setConfig(
            PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder().setName("pod").setUid("a uid"))
                .putAnnotations("kubernetes.io/target-runtime", "second"))
        .build()
        .toByteString();
  }

  private static ByteString newPodAnswer(String id) {
    return RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build().toByteString();
  }

  private static ByteString pull(String image) {
    return PullImageRequest.newBuilder()
        .setImage(ImageSpec.newBuilder().setImage(image))
        .build()
        .toByteString();
  }

  private static ByteString pullAnswer(String image) {
    return PullImageResponse.newBuilder().setImageRef(image).build().toByteString();
  }

  /** Makes the call. */
  @Benchmark
  public ByteString call() {
    return client.call(request);
  }
}
