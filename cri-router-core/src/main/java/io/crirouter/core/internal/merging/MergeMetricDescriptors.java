package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/** Metric descriptors united by name; what each backend announced is kept for its metrics. */
final class MergeMetricDescriptors implements Merge {
  /** Only of backends that are part of the router. */
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

  /** Keeps what a backend announced when it came. */
  void learn(Backend backend, MetricLabels labels) {
    announced.put(backend, labels);
  }

  /** What a backend announced last. */
  MetricLabels announcedBy(Backend backend) {
    return announced.getOrDefault(backend, MetricLabels.NONE);
  }

  /** What all backends announced, united in the order of {@code backends}. */
  MetricLabels united(List<Backend> backends) {
    MetricLabels united = MetricLabels.NONE;
    for (Backend backend : backends) {
      united = united.unite(announcedBy(backend));
    }
    return united;
  }
}
