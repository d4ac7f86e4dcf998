package io.crirouter.core.merge;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.backend.Answer;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.schema.MethodSchema;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.proto.routing.Budget;
import java.time.Duration;

/** The merge of each rpc that every backend answers. */
public final class Merges {
  private static final Duration LEARN_LIMIT = Duration.ofSeconds(5);

  private final Backends backends;
  private final MergeMetricDescriptors descriptors = new MergeMetricDescriptors();

  /** Merges answers of these backends. */
  public Merges(Backends backends) {
    this.backends = backends;
  }

  /** The merge that the schema names for {@code method}. */
  public Merge of(MethodSchema method) {
    return switch (method.merge()) {
      case CONCATENATE ->
          method.budget() == Budget.PODS ? Concatenate.ALL_OR_FAIL : Concatenate.WHAT_THERE_IS;
      case POD_SANDBOX_STATS -> Concatenate.WHAT_THERE_IS;
      case BROADCAST -> new PrimaryAnswers(method.name());
      case IMAGES -> new MergeImages();
      case IMAGE_FS_INFO -> new MergeImageFilesystems();
      case METRIC_DESCRIPTORS -> descriptors;
      case METRICS -> new MergeMetrics(descriptors, backends);
      default ->
          throw new IllegalStateException(
              "no way to merge " + method.name() + " by " + method.merge());
    };
  }

  /** Asks a backend that has come (back) which labels its metrics have. */
  public void learnMetrics(Backend backend, Runnable next) {
    backend.ask(
        CriMethod.of("ListMetricDescriptors"),
        ByteString.EMPTY,
        LEARN_LIMIT,
        answer -> {
          keep(answer);
          next.run();
        });
  }

  private void keep(Answer answer) {
    if (answer.isOk()) {
      try {
        descriptors.learn(answer.backend(), MetricLabels.parse(answer.message()));
      } catch (MalformedMessageException e) {
        descriptors.learn(answer.backend(), MetricLabels.NONE);
      }
    }
  }
}
