package io.crirouter.testkit.router;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.FakeRuntimeBuilder;
import io.crirouter.testkit.ManualScheduler;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A router with two fakes in one thread and with a manual clock: a call has its effects when it
 * returns. Both fakes have the image {@code busybox}.
 */
final class Node {
  static final BackendName CONTAINERD = BackendName.of("containerd");
  static final BackendName VIRTLET = BackendName.of("virtlet.cloud");

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  final ManualScheduler clock = new ManualScheduler();
  final FakeRuntime containerd;
  final FakeRuntime virtlet;
  final CriRouter router;
  final CriClient client;

  private Node(Builder plan) {
    containerd = plan.containerd.apply(fake(CONTAINERD)).build();
    virtlet = plan.virtlet.apply(fake(VIRTLET)).build();
    if (plan.virtletStartsLate) {
      virtlet.down();
    }
    CriRouter.Builder builder =
        CriRouter.builder()
            .scheduler(clock)
            .primary(CONTAINERD, containerd, plan.containerdOptions)
            .secondary(VIRTLET, plan.interceptor.apply(virtlet), plan.virtletOptions);
    plan.configuration.accept(builder);
    router = builder.build();
    client = CriClient.of(router);
    containerd.journal().clear();
    virtlet.journal().clear();
  }

  private FakeRuntimeBuilder fake(BackendName name) {
    return FakeRuntime.named(name.value()).scheduler(clock).startsAt(START).images("busybox");
  }

  /** A node with default settings: routing by annotation. */
  static Node create() {
    return builder().build();
  }

  static Node withPolicy(RoutingPolicy policy) {
    return builder().policy(policy).build();
  }

  static Builder builder() {
    return new Builder();
  }

  /** Runs a pod sandbox and returns its id. */
  String run(PodSandboxConfig.Builder config) {
    return run(config, "");
  }

  String run(PodSandboxConfig.Builder config, String runtimeHandler) {
    return client
        .runtime()
        .runPodSandbox(
            RunPodSandboxRequest.newBuilder()
                .setConfig(config)
                .setRuntimeHandler(runtimeHandler)
                .build())
        .getPodSandboxId();
  }

  /** Runs a pod on the primary and returns its id. */
  String runOnContainerd(String name) {
    return run(Pods.plain(name));
  }

  /** Runs a pod on the secondary and returns its id. */
  String runOnVirtlet(String name) {
    return run(Pods.on(VIRTLET, name));
  }

  /** Creates and starts a container of {@code busybox} and returns its id. */
  String start(String pod, String name) {
    String id =
        client.runtime().createContainer(Pods.container(pod, name, "busybox")).getContainerId();
    client.runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  /** The ids of the listed pod sandboxes. */
  List<String> pods() {
    return podsLike("");
  }

  /** The ids of the pod sandboxes that are listed under a filter by id. */
  List<String> podsLike(String id) {
    return new CallsById(client).sandboxesLike(id);
  }

  void remove(String pod) {
    client
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  PodSandboxStatus podStatus(String pod) {
    return client
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build())
        .getStatus();
  }

  ContainerStatus containerStatus(String container) {
    return client
        .runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build())
        .getStatus();
  }

  /** Configures a {@link Node}. */
  static final class Builder {
    private UnaryOperator<FakeRuntimeBuilder> containerd = fake -> fake;
    private UnaryOperator<FakeRuntimeBuilder> virtlet = fake -> fake;
    private BackendOptions containerdOptions = BackendOptions.DEFAULT;
    private BackendOptions virtletOptions = BackendOptions.DEFAULT;
    private boolean virtletStartsLate;
    private UnaryOperator<RuntimeBackend> interceptor = runtime -> runtime;
    private Consumer<CriRouter.Builder> configuration = builder -> {};

    Builder containerd(UnaryOperator<FakeRuntimeBuilder> customisation) {
      containerd = customisation;
      return this;
    }

    Builder containerd(BackendOptions options) {
      containerdOptions = options;
      return this;
    }

    Builder virtlet(UnaryOperator<FakeRuntimeBuilder> customisation) {
      virtlet = customisation;
      return this;
    }

    Builder virtlet(BackendOptions options) {
      virtletOptions = options;
      return this;
    }

    /** The secondary is down until {@code virtlet.up()}. */
    Builder virtletStartsLate() {
      virtletStartsLate = true;
      return this;
    }

    /** Intercepts the calls of the router to the secondary. */
    Builder beforeVirtlet(UnaryOperator<RuntimeBackend> value) {
      interceptor = value;
      return this;
    }

    Builder policy(RoutingPolicy policy) {
      return configure(builder -> builder.policy(policy));
    }

    Builder images(ImageStrategy images) {
      return configure(builder -> builder.images(images));
    }

    Builder configure(Consumer<CriRouter.Builder> more) {
      configuration = configuration.andThen(more);
      return this;
    }

    Node build() {
      return new Node(this);
    }
  }
}
