package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client of the cluster's API server: the node's kubectl with the kubelet's kubeconfig. Both may
 * be missing.
 */
final class ApiServer {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String EVICTION = JournalFile.FOLDER + "/eviction.json";
  private static final String ADMINISTRATOR = "/etc/kubernetes/admin.conf";

  /** In the effective configuration of kubelets from 1.27 on. It includes the value of a flag. */
  private static final Pattern ENDPOINT =
      Pattern.compile("\"containerRuntimeEndpoint\"\\s*:\\s*\"([^\"]+)\"");

  private static final String READY = "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}";

  private final Node node;
  private final String kubeconfig;
  private final String nodeName;

  ApiServer(Node node, Kubelet kubelet) throws IOException {
    this.node = node;
    this.kubeconfig = kubelet.kubeconfig();
    this.nodeName = kubelet.nodeName(node);
  }

  private CommandResult kubectl(String... words) throws IOException {
    return kubectlWith(kubeconfig, words);
  }

  private CommandResult kubectlWith(String credentials, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("kubectl", "--kubeconfig", credentials, "--request-timeout=5s"));
    command.addAll(List.of(words));
    return node.run(LIMIT, command);
  }

  /** Whether the node is Ready; empty if the API server does not answer. */
  Optional<Boolean> isReady() throws IOException {
    CommandResult answer = kubectl("get", "node", nodeName, "-o", READY);
    return answer.isOk() && !answer.output().isBlank()
        ? Optional.of(answer.output().strip().equals("True"))
        : Optional.empty();
  }

  /**
   * The endpoint in the kubelet's /configz; empty if it cannot be read or has none. A kubelet's own
   * credentials may not read it, but those of an administrator may be on the node.
   */
  Optional<String> endpointInForce() throws IOException {
    String path = "/api/v1/nodes/" + nodeName + "/proxy/configz";
    for (String credentials : List.of(kubeconfig, ADMINISTRATOR)) {
      CommandResult answer =
          node.files().exists(credentials)
              ? kubectlWith(credentials, "get", "--raw", path)
              : new CommandResult(1, "");
      Matcher endpoint = ENDPOINT.matcher(answer.isOk() ? answer.output() : "");
      if (endpoint.find()) {
        return Optional.of(endpoint.group(1));
      }
    }
    return Optional.empty();
  }

  /** Whether the scheduler may assign new pods to the node. */
  boolean isSchedulable() throws IOException {
    return require("get", "node", nodeName, "-o", "jsonpath={.spec.unschedulable}").isBlank();
  }

  /** Uncordons or cordons the node. */
  void setSchedulable(boolean isSchedulable) throws IOException {
    String unused = require(isSchedulable ? "uncordon" : "cordon", nodeName);
  }

  /** Requests the eviction of a pod. A disruption budget may refuse it for now. */
  void evict(String namespace, String name) throws IOException {
    CommandResult result = evict(namespace, name, "policy/v1");
    if (!result.isOk() && !isRefusedForNow(result)) {
      // Before 1.22.
      result = evict(namespace, name, "policy/v1beta1");
    }
    boolean isDone = result.isOk() || result.output().contains("NotFound");
    if (!isDone && !isRefusedForNow(result)) {
      throw new IOException(
          "evicting " + namespace + "/" + name + " failed: " + result.output().strip());
    }
  }

  private static boolean isRefusedForNow(CommandResult result) {
    return result.output().contains("disruption budget");
  }

  private CommandResult evict(String namespace, String name, String version) throws IOException {
    node.files()
        .writePrivate(
            EVICTION,
            """
            {"apiVersion": "%s", "kind": "Eviction", "metadata": {"namespace": "%s", "name": "%s"}}
            """
                .formatted(version, namespace, name));
    String url = "/api/v1/namespaces/" + namespace + "/pods/" + name + "/eviction";
    try {
      return kubectl("create", "--raw", url, "-f", EVICTION);
    } finally {
      node.files().delete(EVICTION);
    }
  }

  private String require(String... words) throws IOException {
    CommandResult result = kubectl(words);
    if (!result.isOk()) {
      throw new IOException(
          "kubectl " + String.join(" ", words) + " failed: " + result.output().strip());
    }
    return result.output();
  }
}
