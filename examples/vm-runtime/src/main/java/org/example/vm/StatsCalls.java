package org.example.vm;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerAttributes;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStats;
import io.crirouter.proto.v1.ContainerStatsFilter;
import io.crirouter.proto.v1.ContainerStatsRequest;
import io.crirouter.proto.v1.ContainerStatsResponse;
import io.crirouter.proto.v1.CpuUsage;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListContainerStatsResponse;
import io.crirouter.proto.v1.MemoryUsage;
import io.crirouter.proto.v1.UInt64Value;
import java.io.IOException;
import java.util.Optional;

/** The stats rpcs. The router synthesizes the stats of pods from them. */
record StatsCalls(Pods pods) {
  ContainerStatsResponse get(ContainerStatsRequest request) throws RpcException {
    VmContainer container = pods.getContainer(request.getContainerId());
    return ContainerStatsResponse.newBuilder()
        .setStats(
            stats(container)
                .orElseThrow(
                    () ->
                        new RpcException(
                            Code.FAILED_PRECONDITION,
                            "container " + container.id() + " does not run")))
        .build();
  }

  ListContainerStatsResponse list(ListContainerStatsRequest request) {
    ContainerStatsFilter filter = request.getFilter();
    ListContainerStatsResponse.Builder response = ListContainerStatsResponse.newBuilder();
    pods.allContainers().stream()
        .filter(container -> ContainerCalls.isOrUnset(filter.getId(), container.id()))
        .filter(container -> ContainerCalls.isOrUnset(filter.getPodSandboxId(), container.podId()))
        .filter(
            container ->
                PodCalls.hasAll(container.status().getLabelsMap(), filter.getLabelSelectorMap()))
        .forEach(container -> stats(container).ifPresent(response::addStats));
    return response.build();
  }

  private static Optional<ContainerStats> stats(VmContainer container) {
    if (!container.isIn(ContainerState.CONTAINER_RUNNING) || container.machine().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(stats(container, ProcessUsage.of(container.machine().get().pid())));
    } catch (IOException e) {
      return Optional.empty(); // It has ended just now.
    }
  }

  private static ContainerStats stats(VmContainer container, ProcessUsage usage) {
    long now = Clocks.nanos();
    return ContainerStats.newBuilder()
        .setAttributes(
            ContainerAttributes.newBuilder()
                .setId(container.id())
                .setMetadata(container.status().getMetadata())
                .putAllLabels(container.status().getLabelsMap())
                .putAllAnnotations(container.status().getAnnotationsMap()))
        .setCpu(
            CpuUsage.newBuilder()
                .setTimestamp(now)
                .setUsageCoreNanoSeconds(uint64(usage.cpuNanos())))
        .setMemory(
            MemoryUsage.newBuilder()
                .setTimestamp(now)
                .setWorkingSetBytes(uint64(usage.residentBytes()))
                .setRssBytes(uint64(usage.residentBytes())))
        .build();
  }

  private static UInt64Value uint64(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }
}
