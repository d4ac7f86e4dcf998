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
 * Makes a machine of a container.
 *
 * @param processors how many a machine may have
 * @param defaultMebibytes the memory of a machine whose container has no limit
 */
record Boot(Hypervisor hypervisor, PodNetwork network, int processors, long defaultMebibytes) {
  /** What Linux takes on x86, less what comes from image and network. */
  private static final int LONGEST_ARGUMENTS = 1024;

  /** Refuses what a machine cannot have, so that nothing is weakened silently. */
  void check(ContainerConfig config) throws RpcException {
    if (config.getDevicesCount() > 0 || config.getCDIDevicesCount() > 0) {
      throw new RpcException(Code.FAILED_PRECONDITION, "a VM cannot have devices of the node");
    }
    String arguments = initArguments(config);
    if (arguments.length() > LONGEST_ARGUMENTS || !arguments.matches("[^\\p{Cntrl}]*")) {
      throw new RpcException(
          Code.INVALID_ARGUMENT,
          "command and args of a VM become arguments of its init: up to "
              + LONGEST_ARGUMENTS
              + " characters in all, none of control");
    }
  }

  Machine boot(Pod pod, VmContainer container, StoredImage image)
      throws IOException, InterruptedException {
    Optional<PodAddress> address = network.find(pod.id(), pod.folder());
    List<String> kernel = new ArrayList<>();
    address.ifPresent(
        one ->
            kernel.add(
                one.kernelArgument(
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

  /** Linux gives what follows {@code --} to init; quotes keep an argument together. */
  private static String initArguments(ContainerConfig config) {
    List<String> all = new ArrayList<>(config.getCommandList());
    all.addAll(config.getArgsList());
    return String.join(
        " ", all.stream().map(one -> one.matches("[^ \"]+") ? one : '"' + one + '"').toList());
  }

  /** Refuses limits that would need another machine. */
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
