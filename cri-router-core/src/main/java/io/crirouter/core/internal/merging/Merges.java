package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.wire.MalformedMessageException;

/** The merge of each rpc that all backends answer. */
public final class Merges {
  private final Backends backends;
  private final MergeMetricDescriptors descriptors = new MergeMetricDescriptors();

  private final boolean idsAreNative;

  /**
   * Merges answers of these backends.
   *
   * @param idsAreNative whether ids carry no prefix, so that two backends may have the same
   */
  public Merges(Backends backends, boolean idsAreNative) {
    this.backends = backends;
    this.idsAreNative = idsAreNative;
  }

  /** The merge that the schema names for {@code method}. */
  public Merge of(MethodSchema method) {
    return switch (method.merge()) {
      case CONCATENATE -> distinct(method, new Concatenate(Kind.listedBy(method.effect()) != null));
      case IMAGES -> new MergeImages();
      case IMAGE_FS_INFO -> new MergeImageFilesystems();
      case METRIC_DESCRIPTORS -> descriptors;
      case METRICS -> distinct(method, new MergeMetrics(descriptors, backends));
      default ->
          throw new IllegalStateException(
              "no way to merge " + method.name() + " by " + method.merge());
    };
  }

  private Merge distinct(MethodSchema method, Merge merge) {
    return idsAreNative ? new DistinctItems(merge, method.itemId()) : merge;
  }

  /** Queries the metric descriptors of a backend that is connecting. */
  public void learnMetrics(Backend backend, Runnable next) {
    backend
        .queries()
        .ask(
            Rpcs.LIST_METRIC_DESCRIPTORS,
            ByteString.EMPTY,
            answer -> {
              keep(answer);
              next.run();
            });
  }

  private void keep(BackendResponse answer) {
    if (answer.isOk()) {
      try {
        descriptors.learn(answer.backend(), MetricLabels.parse(answer.message()));
      } catch (MalformedMessageException e) {
        descriptors.learn(answer.backend(), MetricLabels.NONE);
      }
    }
  }
}
