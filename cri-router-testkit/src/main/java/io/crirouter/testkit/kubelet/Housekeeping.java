package io.crirouter.testkit.kubelet;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Container GC: removes replaced containers and sandboxes, and those of unknown pods. */
final class Housekeeping {
  private static final Duration PERIOD = Duration.ofMinutes(1);

  private final CriCalls calls;
  private final RuntimeClient client;
  private final Predicate<String> isWanted;

  /**
   * Creates the GC of one process.
   *
   * @param isWanted whether a pod with this uid has an active worker
   */
  Housekeeping(CriCalls calls, RuntimeClient client, Predicate<String> isWanted) {
    this.calls = calls;
    this.client = client;
    this.isWanted = isWanted;
  }

  void start() {
    calls.later(PERIOD, this::clean);
  }

  private void clean() {
    var unused =
        client
            .listAll((sandboxes, containers) -> remove(unneeded(containers), sandboxes))
            .whenComplete(
                (done, failure) -> {
                  calls.ignoreCallFailure(failure);
                  calls.later(PERIOD, this::clean);
                });
  }

  /**
   * The containers of unknown pods, and exited containers that are not the latest of their name.
   */
  private List<String> unneeded(List<Container> containers) {
    Set<String> latest = new HashSet<>();
    List<String> unneeded = new ArrayList<>();
    containers.stream()
        .sorted(Comparator.comparingLong(Container::getCreatedAt).reversed())
        .forEach(
            container -> {
              String uid = container.getLabelsOrDefault(PodCache.UID, "");
              boolean isLatest = latest.add(uid + "/" + container.getMetadata().getName());
              boolean exited = container.getState() == ContainerState.CONTAINER_EXITED;
              if (!isWanted.test(uid) || (exited && !isLatest)) {
                unneeded.add(container.getId());
              }
            });
    return unneeded;
  }

  private CompletableFuture<Void> remove(List<String> containers, List<PodSandbox> sandboxes) {
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (String id : containers) {
      all = all.thenCompose(done -> client.remove(id)).thenAccept(done -> {});
    }
    Set<String> latest = new HashSet<>();
    for (PodSandbox sandbox : newestFirst(sandboxes)) {
      String uid = sandbox.getMetadata().getUid();
      boolean isLatest = latest.add(uid);
      boolean ready = sandbox.getState() == PodSandboxState.SANDBOX_READY;
      if (!isWanted.test(uid) || (!ready && !isLatest)) {
        all =
            all.thenCompose(done -> client.stopSandbox(sandbox.getId()))
                .thenCompose(done -> client.removeSandbox(sandbox.getId()))
                .thenAccept(done -> {});
      }
    }
    return all;
  }

  private static List<PodSandbox> newestFirst(List<PodSandbox> sandboxes) {
    return sandboxes.stream()
        .sorted(Comparator.comparingLong(PodSandbox::getCreatedAt).reversed())
        .toList();
  }
}
