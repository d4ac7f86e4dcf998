package io.crirouter.examples.criproxy.admin;

import io.crirouter.core.PodView;
import java.util.Map;

/** Asks where a pod would go; see {@link PodView} for what it has. */
record PodQuery(
    String namespace,
    String name,
    String uid,
    Map<String, String> labels,
    Map<String, String> annotations,
    String runtimeHandler,
    boolean hostNetwork,
    boolean hostPid,
    boolean hostIpc,
    boolean privileged) {

  PodView view() {
    return PodView.builder()
        .namespace(namespace)
        .name(name)
        .uid(uid)
        .labels(labels)
        .annotations(annotations)
        .runtimeHandler(runtimeHandler)
        .hostNetwork(hostNetwork)
        .hostPid(hostPid)
        .hostIpc(hostIpc)
        .privileged(privileged)
        .build();
  }
}
