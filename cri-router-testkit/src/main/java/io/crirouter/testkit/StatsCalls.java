package io.crirouter.testkit;

import io.crirouter.core.Rpc;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerAttributes;
import io.crirouter.proto.v1.ContainerStats;
import io.crirouter.proto.v1.ContainerStatsFilter;
import io.crirouter.proto.v1.ContainerStatsRequest;
import io.crirouter.proto.v1.ContainerStatsResponse;
import io.crirouter.proto.v1.CpuUsage;
import io.crirouter.proto.v1.FilesystemIdentifier;
import io.crirouter.proto.v1.FilesystemUsage;
import io.crirouter.proto.v1.LinuxPodSandboxStats;
import io.crirouter.proto.v1.ListContainerStatsResponse;
import io.crirouter.proto.v1.ListPodSandboxStatsResponse;
import io.crirouter.proto.v1.MemoryUsage;
import io.crirouter.proto.v1.NetworkInterfaceUsage;
import io.crirouter.proto.v1.NetworkUsage;
import io.crirouter.proto.v1.PodSandboxAttributes;
import io.crirouter.proto.v1.PodSandboxStats;
import io.crirouter.proto.v1.PodSandboxStatsFilter;
import io.crirouter.proto.v1.PodSandboxStatsRequest;
import io.crirouter.proto.v1.PodSandboxStatsResponse;
import io.crirouter.proto.v1.ProcessUsage;
import io.crirouter.proto.v1.StreamContainerStatsResponse;
import io.crirouter.proto.v1.StreamPodSandboxStatsResponse;
import io.crirouter.proto.v1.UInt64Value;
import java.util.List;

/**
 * The rpcs about resource usage. A running container of a fake uses a tenth of a core and a fixed
 * amount of memory. A stopped pod or container has no stats.
 */
final class StatsCalls {
  static final long CPU_NANOS_PER_SECOND = 100_000_000;
  static final long MEMORY_BYTES = 10 << 20;
  static final long RECEIVED_BYTES = 1_000;
  private static final long WRITTEN_BYTES = 4_096;

  private final FakeState state;
  private final String containerFilesystem;

  StatsCalls(FakeState state, String containerFilesystem) {
    this.state = state;
    this.containerFilesystem = containerFilesystem;
  }

  void register(Rpcs rpcs) {
    rpcs.unary(Rpc.CONTAINER_STATS, this::container);
    rpcs.unary(
        Rpc.LIST_CONTAINER_STATS,
        request ->
            ListContainerStatsResponse.newBuilder()
                .addAllStats(containers(request.getFilter()))
                .build());
    rpcs.chunks(
        Rpc.STREAM_CONTAINER_STATS,
        request -> containers(request.getFilter()),
        chunk -> StreamContainerStatsResponse.newBuilder().addAllContainerStats(chunk).build());
    rpcs.unary(Rpc.POD_SANDBOX_STATS, this::pod);
    rpcs.unary(
        Rpc.LIST_POD_SANDBOX_STATS,
        request ->
            ListPodSandboxStatsResponse.newBuilder()
                .addAllStats(pods(request.getFilter()))
                .build());
    rpcs.chunks(
        Rpc.STREAM_POD_SANDBOX_STATS,
        request -> pods(request.getFilter()),
        chunk -> StreamPodSandboxStatsResponse.newBuilder().addAllPodSandboxStats(chunk).build());
  }

  private ContainerStatsResponse container(ContainerStatsRequest request) throws RpcException {
    FakeContainer container = state.runningContainer(request.getContainerId());
    return ContainerStatsResponse.newBuilder().setStats(stats(container, state.now())).build();
  }

  private List<ContainerStats> containers(ContainerStatsFilter filter) {
    long now = state.now();
    return state.containers().stream()
        .filter(FakeContainer::isRunning)
        .filter(Filters.of(filter, state))
        .map(container -> stats(container, now))
        .toList();
  }

  private PodSandboxStatsResponse pod(PodSandboxStatsRequest request) throws RpcException {
    FakePod pod = state.pod(request.getPodSandboxId());
    if (!pod.isReady()) {
      throw new RpcException(Code.UNKNOWN, "sandbox " + pod.id + " is not running: no stats");
    }
    return PodSandboxStatsResponse.newBuilder().setStats(stats(pod, state.now())).build();
  }

  private List<PodSandboxStats> pods(PodSandboxStatsFilter filter) throws RpcException {
    long now = state.now();
    for (FakePod pod : state.pods()) {
      if (!pod.isReady()) {
        state.recording.requireNotRefused("ListPodSandboxStats", "beside a stopped pod", pod.id);
      }
    }
    return state.pods().stream()
        .filter(FakePod::isReady)
        .filter(Filters.of(filter, state))
        .map(pod -> stats(pod, now))
        .toList();
  }

  static long cpuNanos(FakeContainer container, long now) {
    return (now - container.startedAt()) / (1_000_000_000 / CPU_NANOS_PER_SECOND);
  }

  private ContainerStats stats(FakeContainer container, long now) {
    return ContainerStats.newBuilder()
        .setAttributes(
            ContainerAttributes.newBuilder()
                .setId(container.id)
                .setMetadata(container.config.getMetadata())
                .putAllLabels(container.config.getLabelsMap())
                .putAllAnnotations(container.config.getAnnotationsMap()))
        .setCpu(cpu(cpuNanos(container, now), 1, now))
        .setMemory(memory(1, container.resources().getMemoryLimitInBytes(), now))
        .setWritableLayer(
            FilesystemUsage.newBuilder()
                .setTimestamp(now)
                .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(containerFilesystem))
                .setUsedBytes(number(WRITTEN_BYTES))
                .setInodesUsed(number(1)))
        .build();
  }

  private PodSandboxStats stats(FakePod pod, long now) {
    List<FakeContainer> running =
        state.containersOf(pod).stream().filter(FakeContainer::isRunning).toList();
    long cpuNanos = running.stream().mapToLong(container -> cpuNanos(container, now)).sum();
    return PodSandboxStats.newBuilder()
        .setAttributes(
            PodSandboxAttributes.newBuilder()
                .setId(pod.id)
                .setMetadata(pod.config().getMetadata())
                .putAllLabels(pod.config().getLabelsMap())
                .putAllAnnotations(pod.config().getAnnotationsMap()))
        .setLinux(
            LinuxPodSandboxStats.newBuilder()
                .setCpu(cpu(cpuNanos, running.size(), now))
                .setMemory(memory(running.size(), 0, now))
                .setNetwork(network(now))
                .setProcess(
                    ProcessUsage.newBuilder()
                        .setTimestamp(now)
                        .setProcessCount(number(1L + running.size())))
                .addAllContainers(running.stream().map(item -> stats(item, now)).toList()))
        .build();
  }

  private static CpuUsage cpu(long nanos, int processes, long now) {
    return CpuUsage.newBuilder()
        .setTimestamp(now)
        .setUsageCoreNanoSeconds(number(nanos))
        .setUsageNanoCores(number(CPU_NANOS_PER_SECOND * processes))
        .build();
  }

  private static MemoryUsage memory(int processes, long limit, long now) {
    MemoryUsage.Builder usage =
        MemoryUsage.newBuilder()
            .setTimestamp(now)
            .setWorkingSetBytes(number(MEMORY_BYTES * processes))
            .setUsageBytes(number(MEMORY_BYTES * processes));
    if (limit > MEMORY_BYTES * processes) {
      usage.setAvailableBytes(number(limit - MEMORY_BYTES * processes));
    }
    return usage.build();
  }

  private static NetworkUsage network(long now) {
    return NetworkUsage.newBuilder()
        .setTimestamp(now)
        .setDefaultInterface(
            NetworkInterfaceUsage.newBuilder()
                .setName("eth0")
                .setRxBytes(number(RECEIVED_BYTES))
                .setTxBytes(number(RECEIVED_BYTES)))
        .build();
  }

  static UInt64Value number(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }
}
