package io.crirouter.testkit.contract;

import io.crirouter.core.BackendName;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** Pseudo-random pods, the same ones for the same backends. */
final class SamplePods {
  private static final int COUNT = 400;
  private static final List<String> NAMESPACES = List.of("default", "kube-system", "team-a", "");
  private static final List<String> HANDLERS = List.of("", "runc", "kata", "vm", "gvisor");

  private SamplePods() {}

  static List<PodView> of(Set<BackendName> backends) {
    List<String> names = backends.stream().map(BackendName::value).sorted().toList();
    Random random = new Random(7);
    List<PodView> pods = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      pods.add(pod(i, names, random));
    }
    return pods;
  }

  private static PodView pod(int number, List<String> backends, Random random) {
    return PodView.builder()
        .namespace(oneOf(NAMESPACES, random))
        .name("pod-" + number)
        .uid(new UUID(random.nextLong(), random.nextLong()).toString())
        .labels(
            random.nextBoolean()
                ? Map.of()
                : Map.of("app", "app-" + number, "runtime", oneOf(backends, random)))
        .annotations(
            random.nextBoolean()
                ? Map.of("kubernetes.io/config.seen", "2026-01-01T00:00:00." + number + "Z")
                : Map.of(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, oneOf(backends, random)))
        .runtimeHandler(oneOf(HANDLERS, random))
        .hostNetwork(random.nextInt(5) == 0)
        .hostPid(random.nextInt(5) == 0)
        .hostIpc(random.nextInt(5) == 0)
        .privileged(random.nextInt(5) == 0)
        .build();
  }

  private static String oneOf(List<String> values, Random random) {
    return values.get(random.nextInt(values.size()));
  }
}
