package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.ListMetricDescriptorsResponse;
import io.crirouter.proto.v1.MetricDescriptor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metric descriptors of several runtimes, united by name. If two have the same metric with
 * different label keys, or in another order, the first one counts. A kubelet asks once, and the
 * primary's metrics must still fit that response after another runtime was added. Immutable.
 */
public final class MetricLabels {
  /** No metrics. */
  public static final MetricLabels NONE = new MetricLabels(Map.of());

  private final Map<String, WireMessage> byName;

  private MetricLabels(Map<String, WireMessage> byName) {
    this.byName = byName;
  }

  /** The metrics of one ListMetricDescriptorsResponse. */
  public static MetricLabels parse(ByteString response) throws MalformedMessageException {
    Map<String, WireMessage> byName = new LinkedHashMap<>();
    for (WireMessage descriptor :
        WireMessage.parse(response)
            .messages(ListMetricDescriptorsResponse.DESCRIPTORS_FIELD_NUMBER)) {
      byName.putIfAbsent(descriptor.string(MetricDescriptor.NAME_FIELD_NUMBER), descriptor);
    }
    return new MetricLabels(byName);
  }

  /** These metrics and those of {@code others} with other names. */
  MetricLabels unite(MetricLabels others) {
    Map<String, WireMessage> united = new LinkedHashMap<>(byName);
    others.byName.forEach(united::putIfAbsent);
    return new MetricLabels(united);
  }

  /** A ListMetricDescriptorsResponse. */
  ByteString toResponse() {
    WireWriter response = new WireWriter();
    byName
        .values()
        .forEach(
            descriptor ->
                response.message(
                    ListMetricDescriptorsResponse.DESCRIPTORS_FIELD_NUMBER,
                    descriptor.toByteString()));
    return response.toByteString();
  }

  /** The label keys of a metric, in the order of its values; empty if the metric is unknown. */
  List<String> keys(String metric) {
    WireMessage descriptor = byName.get(metric);
    return descriptor == null
        ? List.of()
        : descriptor.strings(MetricDescriptor.LABEL_KEYS_FIELD_NUMBER);
  }

  /**
   * Arranges the label values of a metric of {@code theirs} in the order of this object. A missing
   * label gets an empty value, which means the same to Prometheus.
   *
   * @return {@code values} itself if the metric is unknown; null if it has labels that these
   *     descriptors lack, so that several series would become one
   */
  @Nullable List<String> arrange(String metric, MetricLabels theirs, List<String> values) {
    List<String> from = theirs.keys(metric);
    List<String> to = keys(metric);
    if (from.equals(to) || from.size() != values.size()) {
      return values;
    }
    if (!to.containsAll(from)) {
      return null;
    }
    List<String> arranged = new ArrayList<>();
    for (String key : to) {
      int place = from.indexOf(key);
      arranged.add(place < 0 ? "" : values.get(place));
    }
    return arranged;
  }
}
