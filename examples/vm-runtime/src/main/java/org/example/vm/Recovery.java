package org.example.vm;

import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.PodSandboxState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Loads the pods and machines of a former runtime. Incomplete pods and containers are removed,
 * because their creation was interrupted and no kubelet knows them.
 */
record Recovery(Pods pods, Hypervisor hypervisor, PodNetwork network, ContainerCalls containers) {
  private static final System.Logger LOG = System.getLogger(Recovery.class.getName());

  void run() throws IOException, InterruptedException {
    for (Path folder : Folders.list(pods.podFolder())) {
      Optional<Pod> pod = Pod.load(folder);
      if (pod.isPresent()) {
        add(pod.get());
      } else {
        network.disconnect(folder.getFileName().toString(), folder);
        Folders.delete(folder);
      }
    }
    for (Path folder : Folders.list(pods.containerFolder())) {
      Optional<VmContainer> container = VmContainer.load(folder);
      Optional<Pod> pod = container.flatMap(found -> pods.find(found.podId()));
      if (pod.isPresent()) {
        add(pod.get(), container.get());
      } else {
        Folders.delete(folder);
      }
    }
  }

  /** Adds a pod. It is not ready if its network is missing, after a reboot for example. */
  private void add(Pod pod) throws IOException {
    pods.reserve(Pod.nameOf(pod.config().getMetadata()));
    pods.add(pod);
    boolean connected = pod.usesNetworkOfNode() || network.find(pod.id(), pod.folder()).isPresent();
    if (pod.isReady() && !connected) {
      pod.setStatus(pod.status().toBuilder().setState(PodSandboxState.SANDBOX_NOTREADY).build());
    }
  }

  private void add(Pod pod, VmContainer container) throws IOException {
    pods.add(pod, container);
    if (container.isIn(ContainerState.CONTAINER_EXITED)) {
      return;
    }
    Optional<Machine> machine = hypervisor.find(container.id(), container.machineFolder());
    if (machine.isPresent()) {
      LOG.log(System.Logger.Level.INFO, "the VM of " + container.id() + " runs on");
      container.run(machine.get(), exited -> containers.ended(pod, exited));
    } else if (container.isIn(ContainerState.CONTAINER_RUNNING)) {
      container.exited(Machine.End.UNSEEN);
    }
  }
}
