package io.crirouter.examples.node;

import io.crirouter.testkit.containerd.ContainerdInstance;
import java.util.Locale;

/** Where a pod runs, and how it got there. */
enum Place {
  /** On the node without a router: what happens there is what has to happen everywhere. */
  DIRECT(""),
  /** At the routed node's primary. */
  PRIMARY(""),
  /** At the routed node's other runtime, by its annotation. */
  SPECIAL("annotations: {kubernetes.io/target-runtime: " + Proxy.SPECIAL + "}"),
  /** At the same runtime, by its RuntimeClass. */
  SPECIAL_BY_CLASS("");

  private final String metadata;

  Place(String metadata) {
    this.metadata = metadata;
  }

  boolean isSpecial() {
    return this == SPECIAL || this == SPECIAL_BY_CLASS;
  }

  ClusterNode node(Cluster cluster) {
    return this == DIRECT ? cluster.direct() : cluster.routed();
  }

  /** The runtime that has the pods of this place. */
  ContainerdInstance runtime(Cluster cluster) {
    return isSpecial() ? node(cluster).special() : node(cluster).primary();
  }

  /** The end of the names of pods at this place. */
  String suffix() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A pod that goes here. */
  String manifest(String name, Cluster cluster, String spec) {
    return """
    apiVersion: v1
    kind: Pod
    metadata:
      name: %s
      %s
    spec:
      nodeName: %s
      terminationGracePeriodSeconds: 1
      dnsPolicy: Default
    %s
    %s
    """
        .formatted(
            name,
            metadata,
            node(cluster).name(),
            this == SPECIAL_BY_CLASS ? "  runtimeClassName: special" : "",
            spec.indent(2).stripTrailing());
  }
}
