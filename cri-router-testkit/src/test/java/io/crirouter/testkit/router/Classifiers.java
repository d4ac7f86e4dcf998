package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.PodSandboxStats;
import io.crirouter.proto.v1.PodSandboxStatsResponse;
import io.crirouter.proto.v1.StatusResponse;
import java.time.Duration;
import java.util.List;

/** Classifies the outcomes of calls that are not lists. */
final class Classifiers {
  private static final Duration BULK_BUDGET = Duration.ofSeconds(5);
  private static final Duration TWO_POLLS = Duration.ofSeconds(5);
  private static final Duration UNTIL_COMPARED = Duration.ofSeconds(61);
  private static final Duration RETRY_TIME = Duration.ofMinutes(2);

  private Classifiers() {}

  /** For a call that goes only to the faulty runtime. */
  static String ownerCall(MatrixCase of) {
    RpcStatus status = of.finish();
    if (!status.isOk()) {
      return of.failure(status);
    }
    ByteString expected = of.answerWithoutFault();
    ByteString answer = of.answer();
    if (answer.startsWith(expected) && answer.size() > expected.size()) {
      return "passes unchanged";
    }
    return answer.equals(expected) ? "as without the fault" : "another response";
  }

  /** As {@link #ownerCall}, but the runtime may not be called. */
  static String knownStatus(MatrixCase of) {
    String outcome = ownerCall(of);
    boolean isKnown = outcome.equals("as without the fault") && !of.wasCalled("ContainerStatus");
    return isKnown ? "last known" : outcome;
  }

  /** As {@link #ownerCall}, but pod stats are synthesized if the runtime lacks them. */
  static String podStats(MatrixCase of) throws InvalidProtocolBufferException {
    String outcome = ownerCall(of);
    if (of.wasCalled("ListContainerStats") && of.status().isOk()) {
      PodSandboxStats expected =
          PodSandboxStatsResponse.parseFrom(of.answerWithoutFault()).getStats();
      PodSandboxStats startedCall = PodSandboxStatsResponse.parseFrom(of.answer()).getStats();
      boolean same =
          startedCall.getAttributes().getId().equals(expected.getAttributes().getId())
              && containers(startedCall).equals(containers(expected));
      return same ? "from container stats" : outcome;
    }
    return outcome;
  }

  private static List<String> containers(PodSandboxStats stats) {
    return stats.getLinux().getContainersList().stream()
        .map(container -> container.getAttributes().getId())
        .sorted()
        .toList();
  }

  /** For a call that goes only to the primary. */
  static String primaryCall(MatrixCase of) {
    RpcStatus status = of.finish();
    if (!status.isOk()) {
      return of.failure(status);
    }
    return late(
        of,
        of.answer().equals(of.answerWithoutFault()) ? "the primary's answer" : "another response");
  }

  /** For Status, whose conditions of the faulty runtime may differ. */
  static String nodeStatus(MatrixCase of) throws InvalidProtocolBufferException {
    RpcStatus status = of.finish();
    if (!status.isOk()) {
      return of.failure(status);
    }
    boolean same = withoutFaulty(of.answer()).equals(withoutFaulty(of.answerWithoutFault()));
    return late(of, same ? "the primary's answer" : "another response");
  }

  private static StatusResponse withoutFaulty(ByteString answer)
      throws InvalidProtocolBufferException {
    StatusResponse.Builder status = StatusResponse.parseFrom(answer).toBuilder();
    var conditions =
        status.getStatus().getConditionsList().stream()
            .filter(condition -> !condition.getType().startsWith(FaultyNode.FAULTY))
            .toList();
    status.getStatusBuilder().clearConditions().addAllConditions(conditions);
    return status.build();
  }

  private static String late(MatrixCase of, String outcome) {
    return of.elapsed().compareTo(BULK_BUDGET) > 0
        ? outcome + " after " + of.elapsed().toSeconds() + " s"
        : outcome;
  }

  /** For UpdateRuntimeConfig, which is sent again to a runtime that failed. */
  static String configUpdate(MatrixCase of) {
    String outcome = primaryCall(of);
    if (of.fault() == Fault.UNIMPLEMENTED || !outcome.equals("the primary's answer")) {
      return outcome;
    }
    of.endFault();
    of.node().clock().advance(RETRY_TIME);
    boolean received = of.node().faulty().runtimeConfig().isPresent();
    return outcome + (received ? ", forwarded when it recovers" : ", never forwarded");
  }

  /** For a search for an image. */
  static String imageSearch(MatrixCase of) {
    RpcStatus status = of.finish();
    if (!status.isOk()) {
      return late(of, of.failure(status));
    }
    if (of.answer().isEmpty()) {
      return late(of, "absent");
    }
    return late(of, of.answer().equals(of.answerWithoutFault()) ? "found" : "another response");
  }

  /** For a removal of {@code image} from all holders. */
  static MatrixRow.Reading imageRemoval(String image) {
    return of -> {
      RpcStatus status = of.finish();
      if (!status.isOk()) {
        return of.failure(status);
      }
      List<String> left =
          FaultyNode.RUNTIMES.stream()
              .filter(
                  name ->
                      of.node().runtime(name).images().stream()
                          .flatMap(having -> having.getRepoTagsList().stream())
                          .anyMatch(tag -> tag.contains(image)))
              .toList();
      return late(of, left.isEmpty() ? "removed" : "not removed");
    };
  }

  /** For the event stream, which must report a change at each runtime. */
  static String eventStream(MatrixCase of) throws InvalidProtocolBufferException {
    RawCall events;
    if (of.fault().affectsWholeRuntime()) {
      events = of.start();
      of.beginFault();
    } else {
      of.beginFault();
      events = of.start();
    }
    for (String name : FaultyNode.RUNTIMES) {
      String id = of.node().id(name, "pod/main");
      of.node().runtime(name).killContainer(id.substring(id.lastIndexOf('_') + 1), 1);
    }
    if (!isTold(of, events, FaultyNode.PRIMARY) || !isTold(of, events, FaultyNode.HEALTHY)) {
      return "delays the others";
    }
    String received = received(of, events);
    return events.isClosed() ? of.failure(events.status()) : "continues, its events " + received;
  }

  private static String received(MatrixCase of, RawCall events)
      throws InvalidProtocolBufferException {
    if (isTold(of, events, FaultyNode.FAULTY)) {
      return "at once";
    }
    of.node().clock().advance(TWO_POLLS);
    if (isTold(of, events, FaultyNode.FAULTY)) {
      return "by polling";
    }
    of.node().clock().advance(UNTIL_COMPARED);
    if (isTold(of, events, FaultyNode.FAULTY)) {
      return "within a minute";
    }
    of.endFault();
    of.node().clock().advance(UNTIL_COMPARED);
    return isTold(of, events, FaultyNode.FAULTY) ? "when it returns" : "never";
  }

  private static boolean isTold(MatrixCase of, RawCall events, String runtime)
      throws InvalidProtocolBufferException {
    String id = of.node().id(runtime, "pod/main");
    for (ByteString event : events.messages()) {
      if (ContainerEventResponse.parseFrom(event).getContainerId().equals(id)) {
        return true;
      }
    }
    return false;
  }
}
