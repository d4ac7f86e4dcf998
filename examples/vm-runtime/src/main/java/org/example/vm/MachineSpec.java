package org.example.vm;

import io.crirouter.proto.v1.LinuxContainerResources;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The specification of a machine to boot.
 *
 * @param id the id of its container
 * @param folder the folder for its sockets and its console
 * @param kernelArguments appended to those of the image
 * @param controlGroup the control group of its pod
 * @param card empty for a pod with host network, which a machine cannot share
 */
record MachineSpec(
    String id,
    Path folder,
    StoredImage image,
    Hardware hardware,
    String kernelArguments,
    ControlGroup controlGroup,
    Optional<NetworkCard> card) {

  /**
   * The network card of a machine.
   *
   * @param namespace the name of the network namespace
   * @param tap the device in it
   * @param mac the address that the pod's network expects
   */
  record NetworkCard(String namespace, String tap, String mac, int mtu) {}

  /** Processors and memory. */
  record Hardware(int processors, long mebibytes) {
    private static final long SHARES_OF_A_PROCESSOR = 1024;

    /**
     * The hardware for the limits of a container: as many processors as its CPU limit, or else its
     * CPU request, and its memory limit.
     */
    static Hardware of(
        LinuxContainerResources limits, int processorsOfNode, long defaultMebibytes) {
      long wanted =
          limits.getCpuQuota() > 0 && limits.getCpuPeriod() > 0
              ? ceilDiv(limits.getCpuQuota(), limits.getCpuPeriod())
              : ceilDiv(limits.getCpuShares(), SHARES_OF_A_PROCESSOR);
      long memory = limits.getMemoryLimitInBytes() >> 20;
      return new Hardware(
          (int) Math.max(1, Math.min(wanted, processorsOfNode)),
          memory > 0 ? memory : defaultMebibytes);
    }

    private static long ceilDiv(long value, long divisor) {
      return Math.floorDiv(value + divisor - 1, divisor);
    }
  }
}
