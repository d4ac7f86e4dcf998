package org.example.vm;

import io.crirouter.proto.v1.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The network of the pods. */
interface PodNetwork {
  /** Why pods cannot be connected; empty if they can. */
  Optional<String> reasonNotReady();

  /**
   * Connects a pod.
   *
   * @param folder of the pod, where what is needed to disconnect it is kept
   * @throws IOException if that fails; {@link #disconnect} removes what is left then
   */
  PodAddress connect(String pod, Path folder, PodSandboxConfig config)
      throws IOException, InterruptedException;

  /** The address of a connected pod; empty if its network is gone, after a restart of the node. */
  Optional<PodAddress> find(String pod, Path folder) throws IOException;

  /** Disconnects a pod. Succeeds also if it is not connected. */
  void disconnect(String pod, Path folder) throws IOException, InterruptedException;
}
