package org.example.vm;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.LinuxContainerResources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Boots the machines of containers.
 *
 * @param processors the most processors of a machine
 * @param defaultMebibytes the memory of a machine whose container has no limit
 */
record Boot(Hypervisor hypervisor, PodNetwork network, int processors, long defaultMebibytes) {
  /** The limit of Linux on x86, less room for the arguments of image and network. */
  private static final int MAX_ARGUMENT_CHARS = 1024;

  /** Refuses settings that a machine cannot have, instead of ignoring them. */
  void check(ContainerConfig config) throws RpcException {
    if (config.getDevicesCount() > 0 || config.getCDIDevicesCount() > 0) {
      throw new RpcException(Code.FAILED_PRECONDITION, "a VM cannot have devices of the node");
    }
    String arguments = initArguments(config);
    if (arguments.length() > MAX_ARGUMENT_CHARS || !arguments.matches("[^\\p{Cntrl}]*")) {
      throw new RpcException(
          Code.INVALID_ARGUMENT,
          "command and args of a VM become arguments of its init: at most "
              + MAX_ARGUMENT_CHARS
              + " characters, without control characters");
    }
  }

  Machine boot(Pod pod, VmContainer container, StoredImage image)
      throws IOException, InterruptedException {
    Optional<PodAddress> address = network.find(pod.id(), pod.folder());
    List<String> kernel = new ArrayList<>();
    address.ifPresent(
        podAddress ->
            kernel.add(
                podAddress.kernelArgument(
                    pod.config().getHostname(), pod.config().getDnsConfig().getServersList())));
    String init = initArguments(container.config());
    if (!init.isEmpty()) {
      kernel.add("-- " + init);
    }
    return hypervisor.boot(
        new MachineSpec(
            container.id(),
            container.machineFolder(),
            image,
            hardware(container.config().getLinux().getResources()),
            String.join(" ", kernel),
            new ControlGroup(pod.config().getLinux().getCgroupParent()),
            address.map(PodAddress::card)));
  }

  private MachineSpec.Hardware hardware(LinuxContainerResources limits) {
    return MachineSpec.Hardware.of(limits, processors, defaultMebibytes);
  }

  /** Linux passes the words after {@code --} to init. Quotes allow spaces in an argument. */
  private static String initArguments(ContainerConfig config) {
    List<String> all = new ArrayList<>(config.getCommandList());
    all.addAll(config.getArgsList());
    return String.join(
        " ", all.stream().map(word -> word.matches("[^ \"]+") ? word : '"' + word + '"').toList());
  }

  /** Refuses limits that need a restart of the machine. */
  void checkUpdate(VmContainer container, LinuxContainerResources wanted) throws RpcException {
    LinuxContainerResources now = container.config().getLinux().getResources();
    LinuxContainerResources next = now.toBuilder().mergeFrom(wanted).build();
    if (!hardware(next).equals(hardware(now)) || !wanted.getCpusetCpus().isEmpty()) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          "the VM of " + container.id() + " keeps its processors and memory until it is restarted");
    }
  }
}
