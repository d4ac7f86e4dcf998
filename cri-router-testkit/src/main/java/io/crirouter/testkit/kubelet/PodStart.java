package io.crirouter.testkit.kubelet;

import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.testkit.kubelet.Finding.Kind;
import io.crirouter.testkit.kubelet.PodSpec.ContainerSpec;
import java.util.concurrent.CompletableFuture;

/** The calls that start a pod, in the order of a kubelet. */
final class PodStart {
  private final DesiredPod pod;
  private final RuntimeClient client;
  private final Ledger ledger;
  private int sandboxAttempt;

  PodStart(DesiredPod pod, RuntimeClient client, Ledger ledger) {
    this.pod = pod;
    this.client = client;
    this.ledger = ledger;
  }

  CompletableFuture<String> runSandbox(int attempt) {
    sandboxAttempt = attempt;
    return client
        .run(pod.sandbox(attempt), pod.spec().runtimeHandler(), pod.toString())
        .thenCompose(id -> client.sandboxStatus(id).thenApply(status -> id));
  }

  /** Pulls the image if it is absent, creates and starts the container and gets its status. */
  CompletableFuture<Void> startContainer(String sandbox, ContainerSpec container, int attempt) {
    PodSandboxConfig config = pod.sandbox(sandboxAttempt);
    ImageSpec hinted =
        ImageSpec.newBuilder()
            .setImage(withTag(container.image()))
            .putAllAnnotations(config.getAnnotationsMap())
            .build();
    ImageSpec bare = ImageSpec.newBuilder().setImage(container.image()).build();
    return client
        .imageStatus(hinted)
        .thenCompose(
            status ->
                status.hasImage()
                    ? CompletableFuture.completedFuture(status.getImage().getId())
                    : client.pull(hinted, config))
        // The kubelet reads the user of the image.
        .thenCompose(ref -> client.imageStatus(bare).thenApply(user -> ref))
        .thenCompose(ref -> create(sandbox, config, container, attempt, ref))
        .thenCompose(id -> client.start(id).thenCompose(done -> client.containerStatus(id)))
        .thenAccept(status -> {});
  }

  /** Normalizes the name as kubelets do before image calls. */
  private static String withTag(String image) {
    boolean complete = image.indexOf(':', image.lastIndexOf('/') + 1) >= 0;
    return complete ? image : image + ":latest";
  }

  private CompletableFuture<String> create(
      String sandbox, PodSandboxConfig config, ContainerSpec container, int attempt, String ref) {
    String what = "container " + container.name() + " of " + pod;
    ContainerConfig created =
        ContainerConfig.newBuilder()
            .setMetadata(
                ContainerMetadata.newBuilder().setName(container.name()).setAttempt(attempt))
            .setImage(ImageSpec.newBuilder().setImage(ref).setUserSpecifiedImage(container.image()))
            .setLogPath(container.name() + "/" + attempt + ".log")
            .putLabels("io.kubernetes.container.name", container.name())
            .putLabels("io.kubernetes.pod.name", pod.spec().name())
            .putLabels(PodCache.UID, pod.uid())
            .putAnnotations("io.kubernetes.container.restartCount", String.valueOf(attempt))
            .build();
    return client
        .create(sandbox, config, created, what)
        .whenComplete(
            (id, failure) -> {
              if (failure == null) {
                ledger.entry(id).ifPresent(entry -> entry.imageId = ref);
              } else if (isAbsentImage(failure, ref)) {
                ledger.find(
                    Kind.IMAGE_WAS_ABSENT,
                    "image " + ref + " was present for " + what + ", but cannot be used");
              }
            });
  }

  private static boolean isAbsentImage(Throwable failure, String ref) {
    return CallFailure.of(failure).status().code() == Code.NOT_FOUND
        && String.valueOf(failure.getMessage()).contains(ref);
  }
}
