package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Lists the pods of runtimes other than the primary, which need the proxy. */
final class OtherPods {
  private OtherPods() {}

  /**
   * Lists them.
   *
   * @throws IOException if the proxy or the primary does not answer
   */
  static List<PodSandbox> list(Node node, Journal journal)
      throws IOException, InterruptedException, RefusedException {
    try (RuntimeLink primary = RuntimeLink.open(node, journal.primaryEndpoint());
        RuntimeLink proxy = RuntimeLink.open(node, journal.proxyEndpoint())) {
      List<PodSandbox> all = new ArrayList<>(proxy.pods());
      // The primary is listed last, so that a new pod of its own is not taken for another's.
      Set<String> ofPrimary = new HashSet<>();
      primary.pods().forEach(pod -> ofPrimary.add(pod.getId()));
      all.removeIf(
          pod ->
              ofPrimary.contains(pod.getId()) || pod.getState() != PodSandboxState.SANDBOX_READY);
      return all;
    }
  }

  static String names(List<PodSandbox> pods) {
    return String.join(", ", pods.stream().map(OtherPods::name).toList());
  }

  private static String name(PodSandbox pod) {
    return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
  }
}
