package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.Scheduler;
import io.crirouter.core.StateStore;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners are learned, queried and saved by many threads in real time. */
class ConcurrentNativeIdsTest {
  private static final int THREADS = 4;
  private static final int PODS_EACH = 150;
  private static final int LIMIT_SECONDS = 60;

  @TempDir private Path folder;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ScheduledExecutorService clients = Executors.newScheduledThreadPool(THREADS);
  private final FakeRuntime primary = FakeRuntime.create(SimulatedNode.PRIMARY);
  private final FakeRuntime secondary = FakeRuntime.create(SimulatedNode.VIRTLET);
  private CriRouter router;

  @BeforeEach
  void startRouter() throws IOException {
    router =
        CriRouter.builder()
            .scheduler(Scheduler.of(timer))
            .stateStore(StateStore.file(folder.resolve("state"), Runnable::run))
            .ids(IdStrategy.nativeIds())
            .primary(BackendName.of(SimulatedNode.PRIMARY), primary)
            .secondary(BackendName.of(SimulatedNode.VIRTLET), secondary)
            .build();
  }

  @AfterEach
  void stop() {
    router.close();
    clients.shutdownNow();
    timer.shutdownNow();
  }

  @Test
  void everyCallFindsTheOwnerAndEnds() throws Exception {
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      String name = "thread" + i;
      String target = i % 2 == 0 ? SimulatedNode.PRIMARY : SimulatedNode.VIRTLET;
      running.add(clients.submit(() -> createAndRemovePods(name, target)));
    }
    for (Future<?> client : running) {
      client.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    assertThat(primary.pods()).isEmpty();
    assertThat(secondary.pods()).isEmpty();
  }

  private void createAndRemovePods(String name, String target) {
    try (CriClient client = CriClient.of(router)) {
      CallsById byId = new CallsById(client);
      for (int i = 0; i < PODS_EACH; i++) {
        String id =
            client
                .runtime()
                .runPodSandbox(
                    RunPodSandboxRequest.newBuilder()
                        .setConfig(SimulatedNode.pod(name + "-" + i, target))
                        .build())
                .getPodSandboxId();
        assertThat(byId.sandboxStatus(id)).isEqualTo(id);
        client.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        client.runtime().listContainers(ListContainersRequest.getDefaultInstance());
        assertThat(byId.sandboxStatus(id.substring(0, 20))).isEqualTo(id);
        byId.removeSandbox(id);
      }
    }
  }
}
