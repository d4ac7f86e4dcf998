package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The cluster's API server, asked by the node's own kubectl with what the kubelet logs in with.
 * Both may be missing.
 */
final class ApiServer {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String READY = "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}";

  private final Node node;
  private final String kubeconfig;
  private final String nodeName;

  ApiServer(Node node, Kubelet kubelet) throws IOException {
    this.node = node;
    this.kubeconfig = kubelet.kubeconfig();
    this.nodeName = kubelet.nodeName(node);
  }

  /** Whether the node is Ready; empty if that cannot be asked. */
  Optional<Boolean> isReady() throws IOException {
    CommandResult answer =
        node.run(
            LIMIT,
            List.of(
                "kubectl",
                "--kubeconfig",
                kubeconfig,
                "--request-timeout=5s",
                "get",
                "node",
                nodeName,
                "-o",
                READY));
    return answer.isOk() && !answer.output().isBlank()
        ? Optional.of(answer.output().strip().equals("True"))
        : Optional.empty();
  }
}
