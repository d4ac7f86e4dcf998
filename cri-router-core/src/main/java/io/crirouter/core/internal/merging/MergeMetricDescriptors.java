package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Metric descriptors of all backends, united by name. Those of each backend are kept to merge its
 * metrics.
 */
final class MergeMetricDescriptors implements Merge {
  /** Weak keys: those of removed backends are dropped. */
  private final Map<Backend, MetricLabels> announced =
      Collections.synchronizedMap(new WeakHashMap<>());

  @Override
  public ByteString merge(List<BackendResponse> answers) throws MalformedMessageException {
    MetricLabels united = MetricLabels.NONE;
    for (BackendResponse answer : answers) {
      if (answer.isOk()) {
        MetricLabels theirs = MetricLabels.parse(answer.message());
        announced.put(answer.backend(), theirs);
        united = united.unite(theirs);
      }
    }
    return united.toResponse();
  }

  /** Keeps the descriptors of a backend that has connected. */
  void learn(Backend backend, MetricLabels labels) {
    announced.put(backend, labels);
  }

  /** The last descriptors of a backend. */
  MetricLabels announcedBy(Backend backend) {
    return announced.getOrDefault(backend, MetricLabels.NONE);
  }

  /** The last descriptors of all backends, united in the order of {@code backends}. */
  MetricLabels united(List<Backend> backends) {
    MetricLabels united = MetricLabels.NONE;
    for (Backend backend : backends) {
      united = united.unite(announcedBy(backend));
    }
    return united;
  }
}
