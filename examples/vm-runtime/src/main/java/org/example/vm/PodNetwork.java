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
   * @param folder the folder of the pod, which keeps the data for {@link #disconnect}
   * @throws IOException if that fails; call {@link #disconnect} then
   */
  PodAddress connect(String pod, Path folder, PodSandboxConfig config)
      throws IOException, InterruptedException;

  /**
   * The address of a connected pod; empty if its network is missing, after a reboot for example.
   */
  Optional<PodAddress> find(String pod, Path folder) throws IOException;

  /** Disconnects a pod. Succeeds if it is not connected. */
  void disconnect(String pod, Path folder) throws IOException, InterruptedException;
}
