package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A primary, a faulty secondary and a healthy one, each with two pods and an image. The router has
 * listed them all. Two such nodes give the same responses.
 */
final class FaultyNode implements AutoCloseable {
  static final String PRIMARY = "containerd";
  static final String FAULTY = "virtlet.cloud";
  static final String HEALTHY = "kata.local";
  static final List<String> RUNTIMES = List.of(PRIMARY, FAULTY, HEALTHY);

  /** The id prefix of {@link #FAULTY}. */
  static final String FAULTY_PREFIX = "virt__";

  static final Duration DEADLINE = Duration.ofSeconds(60);
  static final String CHECKPOINT = "/checkpoints/pod";

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** Longer than the lifetime of image hints. */
  private static final Duration QUIET_TIME = Duration.ofMinutes(1);

  private static final Map<String, String> IMAGES =
      Map.of(PRIMARY, "nginx", FAULTY, "cirros", HEALTHY, "alpine");

  private final ManualScheduler clock = new ManualScheduler();
  private final Map<String, FakeRuntime> runtimes = new LinkedHashMap<>();
  private final Map<String, String> ids = new HashMap<>();
  private final ThrowingRuntime beforeFaulty = new ThrowingRuntime();
  private final CriRouter router;
  private final CriClient client;
  private final int idleTasks;

  FaultyNode() {
    CriRouter.Builder builder = CriRouter.builder().scheduler(clock);
    for (String name : RUNTIMES) {
      FakeRuntime runtime =
          FakeRuntime.named(name)
              .scheduler(clock)
              .startsAt(START)
              .images("busybox", image(name))
              .build();
      runtimes.put(name, runtime);
      if (name.equals(PRIMARY)) {
        builder.primary(BackendName.of(name), runtime);
      } else {
        builder.secondary(
            BackendName.of(name), name.equals(FAULTY) ? beforeFaulty.of(runtime) : runtime);
      }
    }
    router = builder.build();
    client = CriClient.of(router);
    for (String name : RUNTIMES) {
      run(client, name, "pod");
      run(client, name, "bystander");
    }
    checkpoint();
    call("ListPodSandbox");
    call("ListContainers");
    call("ListImages");
    clock.advance(QUIET_TIME);
    idleTasks = clock.pendingTasks();
  }

  /** The image that only {@code runtime} has, by its name at the runtime. */
  static String image(String runtime) {
    return IMAGES.getOrDefault(runtime, runtime);
  }

  private void run(CriClient caller, String runtime, String name) {
    String pod =
        caller
            .runtime()
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod(runtime, name)).build())
            .getPodSandboxId();
    ids.put(key(runtime, name), pod);
    String main = create(caller, pod, "main");
    caller
        .runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(main).build());
    ids.put(key(runtime, name + "/main"), main);
    ids.put(key(runtime, name + "/created"), create(caller, pod, "created"));
  }

  private static String create(CriClient caller, String pod, String name) {
    ContainerConfig config = Pods.container(name, "busybox").setLogPath(name + "/0.log").build();
    return caller
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder().setPodSandboxId(pod).setConfig(config).build())
        .getContainerId();
  }

  /** The config of a pod for {@code runtime}. */
  static PodSandboxConfig.Builder pod(String runtime, String name) {
    String full = name + "-of-" + runtime;
    return runtime.equals(PRIMARY) ? Pods.plain(full) : Pods.on(runtime, full);
  }

  private static String key(String runtime, String what) {
    return runtime + "/" + what;
  }

  private void checkpoint() {
    var unused =
        client
            .runtime()
            .checkpointPod(
                CheckpointPodRequest.newBuilder()
                    .setPodSandboxId(id(FAULTY, "pod"))
                    .setOutputPath(CHECKPOINT)
                    .build());
  }

  private void call(String rpc) {
    CriMethod method = CriMethod.of(rpc);
    RawCall.start(router, CriRequest.of(method, ByteString.EMPTY)).answer();
  }

  /** Adds a pod of the faulty runtime, with a container and an image, without the router. */
  void addUnknownPod() {
    try (CriClient direct = CriClient.of(faulty())) {
      run(direct, FAULTY, "unknown");
    }
    faulty().pullImage("unknown");
  }

  /** The id of {@code pod}, {@code pod/main} or {@code pod/created} for clients. */
  String id(String runtime, String what) {
    String id = ids.get(key(runtime, what));
    if (id == null) {
      throw new AssertionError("no " + what + " at " + runtime);
    }
    return id;
  }

  FakeRuntime runtime(String name) {
    FakeRuntime runtime = runtimes.get(name);
    if (runtime == null) {
      throw new AssertionError("no runtime " + name);
    }
    return runtime;
  }

  FakeRuntime faulty() {
    return runtime(FAULTY);
  }

  /** The code of the faulty runtime in this JVM. */
  ThrowingRuntime beforeFaulty() {
    return beforeFaulty;
  }

  CriRouter router() {
    return router;
  }

  ManualScheduler clock() {
    return clock;
  }

  /** The number of scheduled tasks while no call was open. */
  int idleTasks() {
    return idleTasks;
  }

  @Override
  public void close() {
    client.close();
    router.close();
  }
}
