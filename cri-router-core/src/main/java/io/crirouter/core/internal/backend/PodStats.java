package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerAttributes;
import io.crirouter.proto.v1.ContainerStats;
import io.crirouter.proto.v1.CpuUsage;
import io.crirouter.proto.v1.LinuxPodSandboxStats;
import io.crirouter.proto.v1.ListContainerStatsResponse;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.ListPodSandboxStatsResponse;
import io.crirouter.proto.v1.MemoryUsage;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxAttributes;
import io.crirouter.proto.v1.PodSandboxStats;
import io.crirouter.proto.v1.UInt64Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stats of pod sandboxes, summed up from those of their containers. */
final class PodStats {
  private static final int TIMESTAMP = CpuUsage.TIMESTAMP_FIELD_NUMBER;
  private static final int[] CPU_SUMS = {
    CpuUsage.USAGE_CORE_NANO_SECONDS_FIELD_NUMBER, CpuUsage.USAGE_NANO_CORES_FIELD_NUMBER
  };
  private static final int[] MEMORY_SUMS = {
    MemoryUsage.WORKING_SET_BYTES_FIELD_NUMBER,
    MemoryUsage.USAGE_BYTES_FIELD_NUMBER,
    MemoryUsage.RSS_BYTES_FIELD_NUMBER,
    MemoryUsage.PAGE_FAULTS_FIELD_NUMBER,
    MemoryUsage.MAJOR_PAGE_FAULTS_FIELD_NUMBER
  };

  private PodStats() {}

  /** A ListPodSandboxStatsResponse from the answers of three list calls. */
  static ByteString of(ByteString sandboxes, ByteString containers, ByteString stats)
      throws MalformedMessageException {
    Map<String, List<WireMessage>> bySandbox = bySandbox(containers, stats);
    WireWriter response = new WireWriter();
    for (WireMessage sandbox :
        WireMessage.parse(sandboxes).messages(ListPodSandboxResponse.ITEMS_FIELD_NUMBER)) {
      String id = sandbox.string(PodSandbox.ID_FIELD_NUMBER);
      response.message(
          ListPodSandboxStatsResponse.STATS_FIELD_NUMBER,
          new WireWriter()
              .message(PodSandboxStats.ATTRIBUTES_FIELD_NUMBER, attributes(sandbox))
              .message(
                  PodSandboxStats.LINUX_FIELD_NUMBER, linux(bySandbox.getOrDefault(id, List.of())))
              .toByteString());
    }
    return response.toByteString();
  }

  private static Map<String, List<WireMessage>> bySandbox(ByteString containers, ByteString stats)
      throws MalformedMessageException {
    Map<String, String> sandboxOf = new HashMap<>();
    for (WireMessage container :
        WireMessage.parse(containers).messages(ListContainersResponse.CONTAINERS_FIELD_NUMBER)) {
      sandboxOf.put(
          container.string(Container.ID_FIELD_NUMBER),
          container.string(Container.POD_SANDBOX_ID_FIELD_NUMBER));
    }
    Map<String, List<WireMessage>> grouped = new HashMap<>();
    for (WireMessage one :
        WireMessage.parse(stats).messages(ListContainerStatsResponse.STATS_FIELD_NUMBER)) {
      String container =
          one.message(ContainerStats.ATTRIBUTES_FIELD_NUMBER)
              .string(ContainerAttributes.ID_FIELD_NUMBER);
      String sandbox = sandboxOf.get(container);
      if (sandbox != null) {
        grouped.computeIfAbsent(sandbox, key -> new ArrayList<>()).add(one);
      }
    }
    return grouped;
  }

  private static ByteString attributes(WireMessage sandbox) throws MalformedMessageException {
    return new WireWriter()
        .string(PodSandboxAttributes.ID_FIELD_NUMBER, sandbox.string(PodSandbox.ID_FIELD_NUMBER))
        .message(
            PodSandboxAttributes.METADATA_FIELD_NUMBER,
            sandbox.value(PodSandbox.METADATA_FIELD_NUMBER))
        .stringMap(
            PodSandboxAttributes.LABELS_FIELD_NUMBER,
            sandbox.stringMap(PodSandbox.LABELS_FIELD_NUMBER))
        .stringMap(
            PodSandboxAttributes.ANNOTATIONS_FIELD_NUMBER,
            sandbox.stringMap(PodSandbox.ANNOTATIONS_FIELD_NUMBER))
        .toByteString();
  }

  private static ByteString linux(List<WireMessage> containers) throws MalformedMessageException {
    WireWriter linux = new WireWriter();
    if (!containers.isEmpty()) {
      linux.message(
          LinuxPodSandboxStats.CPU_FIELD_NUMBER,
          sum(containers, ContainerStats.CPU_FIELD_NUMBER, CPU_SUMS));
      linux.message(
          LinuxPodSandboxStats.MEMORY_FIELD_NUMBER,
          sum(containers, ContainerStats.MEMORY_FIELD_NUMBER, MEMORY_SUMS));
    }
    for (WireMessage container : containers) {
      linux.message(LinuxPodSandboxStats.CONTAINERS_FIELD_NUMBER, container.toByteString());
    }
    return linux.toByteString();
  }

  /** A usage message with the newest timestamp and the sums of what the containers report. */
  private static ByteString sum(List<WireMessage> containers, int usageField, int[] summed)
      throws MalformedMessageException {
    long newest = 0;
    long[] sums = new long[summed.length];
    boolean[] reported = new boolean[summed.length];
    for (WireMessage container : containers) {
      WireMessage usage = container.message(usageField);
      newest = Math.max(newest, usage.number(TIMESTAMP));
      for (int i = 0; i < summed.length; i++) {
        reported[i] |= usage.has(summed[i]);
        sums[i] += usage.message(summed[i]).number(UInt64Value.VALUE_FIELD_NUMBER);
      }
    }
    WireWriter total = new WireWriter().number(TIMESTAMP, newest);
    for (int i = 0; i < summed.length; i++) {
      if (reported[i]) {
        ByteString value =
            new WireWriter().number(UInt64Value.VALUE_FIELD_NUMBER, sums[i]).toByteString();
        total.message(summed[i], value);
      }
    }
    return total.toByteString();
  }
}
