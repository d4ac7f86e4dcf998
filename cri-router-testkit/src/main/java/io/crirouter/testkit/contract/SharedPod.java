package io.crirouter.testkit.contract;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.PodSandboxConfig;

/**
 * A ready pod sandbox with one running container, for rules that do not change it.
 *
 * @param id the id of the sandbox
 * @param config the config of the sandbox
 * @param container the id of the container
 * @param containerConfig the config of the container
 */
record SharedPod(
    String id, PodSandboxConfig config, String container, ContainerConfig containerConfig) {
  static SharedPod run(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    String id = calls.run(config);
    ContainerConfig container = calls.containerConfig("main");
    String containerId = calls.create(id, config, container);
    calls.start(containerId);
    return new SharedPod(id, config, containerId, container);
  }
}
