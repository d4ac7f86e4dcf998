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

/** How calls end that are not lists. */
final class Classifiers {
  private static final Duration BULK_BUDGET = Duration.ofSeconds(5);
  private static final Duration TWO_POLLS = Duration.ofSeconds(5);
  private static final Duration UNTIL_COMPARED = Duration.ofSeconds(61);
  private static final Duration UNTIL_TOLD_AGAIN = Duration.ofMinutes(2);

  private Classifiers() {}

  /** A call that the faulty runtime alone is asked. */
  static String ofOneRuntime(MatrixCase of) {
    RpcStatus status = of.finish();
    if (!status.isOk()) {
      return of.failure(status);
    }
    ByteString expected = of.answerWithoutFault();
    ByteString answer = of.answer();
    if (answer.startsWith(expected) && answer.size() > expected.size()) {
      return "passes unchanged";
    }
    return answer.equals(expected) ? "as if all were well" : "another answer";
  }

  /** As {@link #ofOneRuntime}, but the runtime need not be asked. */
  static String ofKnownStatus(MatrixCase of) {
    String outcome = ofOneRuntime(of);
    boolean isKnown = outcome.equals("as if all were well") && !of.wasAsked("ContainerStatus");
    return isKnown ? "last known" : outcome;
  }

  /** As {@link #ofOneRuntime}, but where the runtime lacks it, it is made from others. */
  static String ofPodStats(MatrixCase of) throws InvalidProtocolBufferException {
    String outcome = ofOneRuntime(of);
    if (of.wasAsked("ListContainerStats") && of.status().isOk()) {
      PodSandboxStats expected =
          PodSandboxStatsResponse.parseFrom(of.answerWithoutFault()).getStats();
      PodSandboxStats made = PodSandboxStatsResponse.parseFrom(of.answer()).getStats();
      boolean same =
          made.getAttributes().getId().equals(expected.getAttributes().getId())
              && containers(made).equals(containers(expected));
      return same ? "made from container stats" : outcome;
    }
    return outcome;
  }

  private static List<String> containers(PodSandboxStats stats) {
    return stats.getLinux().getContainersList().stream()
        .map(container -> container.getAttributes().getId())
        .sorted()
        .toList();
  }

  /** A call that the primary alone answers. */
  static String ofThePrimary(MatrixCase of) {
    RpcStatus status = of.finish();
    if (!status.isOk()) {
      return of.failure(status);
    }
    return late(
        of,
        of.answer().equals(of.answerWithoutFault()) ? "the primary's answer" : "another answer");
  }

  /** Status: what it says of the faulty runtime itself may differ. */
  static String ofStatus(MatrixCase of) throws InvalidProtocolBufferException {
    RpcStatus status = of.finish();
    if (!status.isOk()) {
      return of.failure(status);
    }
    boolean same = withoutFaulty(of.answer()).equals(withoutFaulty(of.answerWithoutFault()));
    return late(of, same ? "the primary's answer" : "another answer");
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

  /** UpdateRuntimeConfig: who did not take it must be told when it can. */
  static String ofConfigUpdate(MatrixCase of) {
    String outcome = ofThePrimary(of);
    if (of.fault() == Fault.UNIMPLEMENTED || !outcome.equals("the primary's answer")) {
      return outcome;
    }
    of.endFault();
    of.node().clock().advance(UNTIL_TOLD_AGAIN);
    boolean told = of.node().faulty().runtimeConfig().isPresent();
    return outcome + (told ? ", forwarded when it recovers" : ", never forwarded");
  }

  /** A search for an image. */
  static String ofImageSearch(MatrixCase of) {
    RpcStatus status = of.finish();
    if (!status.isOk()) {
      return late(of, of.failure(status));
    }
    if (of.answer().isEmpty()) {
      return late(of, "absent");
    }
    return late(of, of.answer().equals(of.answerWithoutFault()) ? "found" : "another answer");
  }

  /** A removal of {@code image} from all that have it. */
  static MatrixRow.Reading ofRemoval(String image) {
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

  /** The stream of events: what happens to a container at each runtime is told. */
  static String ofEvents(MatrixCase of) throws InvalidProtocolBufferException {
    RawCall events;
    if (of.fault().isOfTheWholeRuntime()) {
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
      return "holds up the others";
    }
    String told = told(of, events);
    return events.isOver() ? of.failure(events.status()) : "continues, its events " + told;
  }

  private static String told(MatrixCase of, RawCall events) throws InvalidProtocolBufferException {
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
    return isTold(of, events, FaultyNode.FAULTY) ? "when it is back" : "never";
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
