package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.ContainerMetrics;
import io.crirouter.proto.v1.ListPodSandboxMetricsResponse;
import io.crirouter.proto.v1.Metric;
import io.crirouter.proto.v1.PodSandboxMetrics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Metrics of all runtimes. Label values that are the sandbox's or container's own id become the
 * client's id. Label values have the order of the merged descriptors. No pair of name and labels
 * occurs twice, because a scraper would reject the whole page.
 */
final class MergeMetrics implements Merge {
  private static final int PODS = ListPodSandboxMetricsResponse.POD_METRICS_FIELD_NUMBER;
  private static final String ID_LABEL = "id";

  private final MergeMetricDescriptors descriptors;
  private final Backends backends;

  MergeMetrics(MergeMetricDescriptors descriptors, Backends backends) {
    this.descriptors = descriptors;
    this.backends = backends;
  }

  /** A metric's identity. */
  private record Series(String name, List<String> labels) {}

  /** The id of a pod sandbox or container on both sides. */
  private record ObjectId(String clients, String runtimes) {}

  /** Context for the metrics of one backend. */
  private record Source(Backend backend, MetricLabels own, MetricLabels united, Set<Series> seen) {
    ObjectId id(String clientId) throws RpcException {
      return new ObjectId(clientId, backend.translator().runtimesId(clientId));
    }
  }

  @Override
  public ByteString merge(List<BackendResponse> answers)
      throws RpcException, MalformedMessageException {
    MetricLabels united = descriptors.united(backends.all());
    Set<Series> seen = new HashSet<>();
    WireWriter merged = new WireWriter();
    for (BackendResponse answer : answers) {
      if (!answer.isOk()) {
        continue;
      }
      Backend backend = answer.backend();
      Source source = new Source(backend, descriptors.announcedBy(backend), united, seen);
      for (WireMessage pod : WireMessage.parse(answer.message()).messages(PODS)) {
        merged.message(PODS, pod(source, pod));
      }
    }
    return merged.toByteString();
  }

  private static ByteString pod(Source source, WireMessage pod)
      throws RpcException, MalformedMessageException {
    WireWriter out =
        new WireWriter()
            .raw(
                pod.without(
                    PodSandboxMetrics.METRICS_FIELD_NUMBER,
                    PodSandboxMetrics.CONTAINER_METRICS_FIELD_NUMBER));
    ObjectId id = source.id(pod.string(PodSandboxMetrics.POD_SANDBOX_ID_FIELD_NUMBER));
    for (WireMessage metric : pod.messages(PodSandboxMetrics.METRICS_FIELD_NUMBER)) {
      metric(source, id, metric, PodSandboxMetrics.METRICS_FIELD_NUMBER, out);
    }
    for (WireMessage container : pod.messages(PodSandboxMetrics.CONTAINER_METRICS_FIELD_NUMBER)) {
      out.message(PodSandboxMetrics.CONTAINER_METRICS_FIELD_NUMBER, container(source, container));
    }
    return out.toByteString();
  }

  private static ByteString container(Source source, WireMessage container)
      throws RpcException, MalformedMessageException {
    WireWriter out = new WireWriter().raw(container.without(ContainerMetrics.METRICS_FIELD_NUMBER));
    ObjectId id = source.id(container.string(ContainerMetrics.CONTAINER_ID_FIELD_NUMBER));
    for (WireMessage metric : container.messages(ContainerMetrics.METRICS_FIELD_NUMBER)) {
      metric(source, id, metric, ContainerMetrics.METRICS_FIELD_NUMBER, out);
    }
    return out.toByteString();
  }

  /** Writes one metric as {@code field}, unless it would be a duplicate. */
  private static void metric(
      Source source, ObjectId id, WireMessage metric, int field, WireWriter out) {
    String name = metric.string(Metric.NAME_FIELD_NUMBER);
    List<String> labels = metric.strings(Metric.LABEL_VALUES_FIELD_NUMBER);
    List<String> translated =
        source.united.arrange(name, source.own, withClientId(source, id, name, labels));
    if (translated == null || !source.seen.add(new Series(name, translated))) {
      return;
    }
    if (translated.equals(labels)) {
      out.message(field, metric.toByteString());
      return;
    }
    WireWriter changed = new WireWriter().raw(metric.without(Metric.LABEL_VALUES_FIELD_NUMBER));
    translated.forEach(value -> changed.element(Metric.LABEL_VALUES_FIELD_NUMBER, value));
    out.message(field, changed.toByteString());
  }

  private static List<String> withClientId(
      Source source, ObjectId id, String name, List<String> labels) {
    int place = source.own.keys(name).indexOf(ID_LABEL);
    boolean isOwnId = place >= 0 && place < labels.size() && labels.get(place).equals(id.runtimes);
    if (!isOwnId) {
      return labels;
    }
    List<String> changed = new ArrayList<>(labels);
    changed.set(place, id.clients);
    return changed;
  }
}
