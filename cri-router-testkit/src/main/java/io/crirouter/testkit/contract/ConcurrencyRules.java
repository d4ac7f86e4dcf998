package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxState;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Concurrent calls, as from several pod workers of a kubelet. */
final class ConcurrencyRules {
  private static final int PODS = 4;
  private static final int CALLS = 8;

  private ConcurrencyRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("pods are created and removed concurrently", ConcurrencyRules::pods);
    area.add("an existing pod is in every list during that", ConcurrencyRules::lists);
    area.add("commands run concurrently", ConcurrencyRules::commands, Feature.EXEC);
    return area.rules();
  }

  private static void pods(RuleCalls calls) throws Exception {
    Set<String> ids = Collections.synchronizedSet(new HashSet<>());
    Concurrently.run(PODS, thread -> ids.add(calls.run()));
    assertEquals(PODS, ids.size(), "distinct ids");
    for (String id : ids) {
      assertEquals(PodSandboxState.SANDBOX_READY, calls.podStatus(id).getState());
    }
    List<String> each = List.copyOf(ids);
    Concurrently.run(
        PODS,
        thread -> {
          calls.stopPod(each.get(thread));
          calls.removePod(each.get(thread));
        });
    for (String id : ids) {
      Expect.notFound("a sandbox that was removed", () -> calls.podStatus(id));
    }
  }

  private static void lists(RuleCalls calls) throws Exception {
    String stays = calls.shared().id();
    Concurrently.run(
        PODS,
        thread -> {
          if (thread == 0) {
            String unused = calls.removedPod();
          }
          for (int i = 0; i < CALLS; i++) {
            assertTrue(
                calls.pods(PodSandboxFilter.newBuilder()).stream()
                    .anyMatch(pod -> pod.getId().equals(stays)),
                "an existing sandbox is missing: a kubelet would create another one");
          }
        });
  }

  private static void commands(RuleCalls calls) throws Exception {
    String container = calls.shared().container();
    Concurrently.run(
        PODS,
        thread -> {
          String text = "thread " + thread;
          assertEquals(text + "\n", calls.exec(container, "echo", text).getStdout().toStringUtf8());
          assertEquals(ContainerState.CONTAINER_RUNNING, calls.status(container).getState());
        });
  }
}
