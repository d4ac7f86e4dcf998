package org.example.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.core.IdStrategy;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The move of a node, with a pod that was created without a router.
 *
 * @param old the runtime to drain
 * @param next the runtime for new pods
 * @param folder the folder for the socket and the logs
 * @param ids how the router finds owners
 */
record MigrationScenario(Side old, Side next, Path folder, IdStrategy ids) {
  private static final Duration PERIOD = Duration.ofMillis(200);
  private static final String WAITING = "payments";

  /**
   * A runtime.
   *
   * @param socket its CRI socket
   * @param cgroup the start of its pods' control groups
   * @param end ends its process, but not its containers
   */
  record Side(Path socket, String cgroup, Runnable end) {}

  void run() throws Exception {
    try (CriClient atOld = CriClient.connect(old.socket());
        CriClient atNext = CriClient.connect(next.socket());
        CriClient kubelet =
            CriClient.connect(folder.resolve("node.sock")).withDeadline(Duration.ofSeconds(60))) {
      Pod web = Pod.run(atOld, "shop", "web", old.cgroup(), folder);
      ContainerStatus webBefore = status(atOld, web.container());

      Pod ledger;
      try (RunningNode node = RunningNode.start(migration(Set.of(WAITING)), kubelet)) {
        ledger = Pod.run(kubelet, WAITING, "ledger", old.cgroup(), folder);
        Pod cart = Pod.run(kubelet, "shop", "cart", next.cgroup(), folder);

        assertEquals(clientId(runtimeId(ledger.sandbox())), ledger.sandbox());
        assertEquals(Set.of(web.sandbox(), runtimeId(ledger.sandbox())), sandboxes(atOld));
        assertEquals(Set.of(cart.sandbox()), sandboxes(atNext));
        assertEquals(
            Set.of(clientId(web.sandbox()), ledger.sandbox(), cart.sandbox()), sandboxes(kubelet));
      }

      try (RunningNode node = RunningNode.start(migration(Set.of()), kubelet)) {
        Pod audit = Pod.run(kubelet, WAITING, "audit", next.cgroup(), folder);

        assertTrue(
            sandboxes(atNext).contains(audit.sandbox()), "the namespace does not wait any more");
        assertEquals(webBefore, status(atOld, web.container()), "the container was not restarted");
        assertEquals(
            webBefore.getStartedAt(),
            status(kubelet, clientId(web.container())).getStartedAt(),
            "the kubelet sees the same start");
        assertEquals(
            status(atOld, runtimeId(ledger.container())).getStartedAt(),
            status(kubelet, ledger.container()).getStartedAt());
        assertEquals(
            Status.Code.OK, codeOf(kubelet, ledger.sandbox()), "the old runtime still has pods");

        Pod.delete(kubelet, clientId(web.sandbox()));
        Pod.delete(kubelet, ledger.sandbox());
        // The old runtime answers NOT_FOUND. UNAVAILABLE shows that it is removed.
        awaitCode(kubelet, ledger.sandbox(), Status.Code.UNAVAILABLE);
        old.end().run();
        assertEquals(sandboxes(atNext), sandboxes(kubelet), "the ids are those without a router");
        assertEquals(2, sandboxes(kubelet).size());
        Pod last = Pod.run(kubelet, WAITING, "last", next.cgroup(), folder);
        assertTrue(sandboxes(atNext).contains(last.sandbox()));
      }

      try (RunningNode node = RunningNode.start(migration(Set.of()), kubelet)) {
        assertEquals(sandboxes(atNext), sandboxes(kubelet), "after a start without the old one");
      }
      sandboxes(atNext).forEach(id -> Pod.delete(atNext, id));
    }
  }

  private NodeMigration migration(Set<String> waiting) {
    return new NodeMigration(
        old.socket(), next.socket(), folder.resolve("node.sock"), waiting, ids, PERIOD);
  }

  /** Polls the status of a sandbox until the answer has this code. */
  static void awaitCode(CriClient client, String sandbox, Status.Code code) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    for (Status.Code seen = codeOf(client, sandbox); seen != code; seen = codeOf(client, sandbox)) {
      assertTrue(System.nanoTime() < end, sandbox + ": still " + seen + " instead of " + code);
      Thread.sleep(PERIOD.toMillis());
    }
  }

  private static Status.Code codeOf(CriClient client, String sandbox) {
    try {
      var status =
          client
              .runtime()
              .podSandboxStatus(
                  PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static ContainerStatus status(CriClient client, String container) {
    return client
        .runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build())
        .getStatus();
  }

  private static Set<String> sandboxes(CriClient client) {
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .collect(Collectors.toSet());
  }

  /** The id for the kubelet of an id of the old runtime. */
  private String clientId(String runtimeId) {
    return ids instanceof OwnerLast ? runtimeId + ".old" : runtimeId;
  }

  /** The id at the old runtime of an id for the kubelet. */
  private static String runtimeId(String clientId) {
    return clientId.replaceFirst("[.]old$", "");
  }
}
