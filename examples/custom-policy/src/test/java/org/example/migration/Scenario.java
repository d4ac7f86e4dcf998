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
 * The move of a node with a pod that ran before there was a router.
 *
 * @param old what is to be empty in the end
 * @param next what gets the new pods
 * @param folder for the socket and the logs
 * @param ids how the router finds owners
 */
record Scenario(Side old, Side next, Path folder, IdStrategy ids) {
  private static final Duration PERIOD = Duration.ofMillis(200);
  private static final String WAITING = "payments";

  /**
   * A runtime.
   *
   * @param socket where it serves CRI
   * @param cgroup the start of its pods' control groups
   * @param end ends its process, and leaves its containers as they are
   */
  record Side(Path socket, String cgroup, Runnable end) {}

  void play() throws Exception {
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

        assertEquals(seen(own(ledger.sandbox())), ledger.sandbox());
        assertEquals(Set.of(web.sandbox(), own(ledger.sandbox())), sandboxes(atOld));
        assertEquals(Set.of(cart.sandbox()), sandboxes(atNext));
        assertEquals(
            Set.of(seen(web.sandbox()), ledger.sandbox(), cart.sandbox()), sandboxes(kubelet));
      }

      try (RunningNode node = RunningNode.start(migration(Set.of()), kubelet)) {
        Pod audit = Pod.run(kubelet, WAITING, "audit", next.cgroup(), folder);

        assertTrue(sandboxes(atNext).contains(audit.sandbox()), "a namespace that waits no more");
        assertEquals(webBefore, status(atOld, web.container()), "it has run all the time");
        assertEquals(
            webBefore.getStartedAt(),
            status(kubelet, seen(web.container())).getStartedAt(),
            "and the kubelet sees it");
        assertEquals(
            status(atOld, own(ledger.container())).getStartedAt(),
            status(kubelet, ledger.container()).getStartedAt());
        assertEquals(Status.Code.OK, codeOf(kubelet, ledger.sandbox()), "it has pods");

        Pod.delete(kubelet, seen(web.sandbox()));
        Pod.delete(kubelet, ledger.sandbox());
        // Of a pod that is gone the old runtime says NOT_FOUND; once removed it is not asked.
        awaitCode(kubelet, ledger.sandbox(), Status.Code.UNAVAILABLE);
        old.end().run();
        assertEquals(sandboxes(atNext), sandboxes(kubelet), "ids as they are without a router");
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

  /** Asks for the status of a sandbox until the answer has this code. */
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

  /** What the kubelet sees of an id of the old runtime. */
  private String seen(String ownId) {
    return ids instanceof OwnerLast ? ownId + ".old" : ownId;
  }

  /** The old runtime's id of what the kubelet sees. */
  private static String own(String clientId) {
    return clientId.replaceFirst("[.]old$", "");
  }
}
