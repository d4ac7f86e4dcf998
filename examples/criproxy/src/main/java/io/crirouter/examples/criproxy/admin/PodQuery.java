package io.crirouter.examples.criproxy.admin;

import io.crirouter.core.PodView;
import java.util.Map;

/** A query for the runtime that a pod would get. See {@link PodView} for the fields. */
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
