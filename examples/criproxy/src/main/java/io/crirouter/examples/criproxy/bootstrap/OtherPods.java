package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Pods that run at other runtimes than the primary: without the proxy nobody manages them. */
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
      // Asked last: a pod of the primary that is new in between is none of another runtime.
      Set<String> own = new HashSet<>();
      primary.pods().forEach(pod -> own.add(pod.getId()));
      all.removeIf(
          pod -> own.contains(pod.getId()) || pod.getState() != PodSandboxState.SANDBOX_READY);
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
