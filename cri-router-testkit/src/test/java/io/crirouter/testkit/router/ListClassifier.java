package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.CriServices;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Classifies the outcome of a merged list by the items of the faulty runtime.
 *
 * @param budget the budget of the list
 * @param key the key by which items are compared
 */
record ListClassifier(Duration budget, Function<Message, String> key) implements MatrixRow.Reading {
  private static final Duration PODS = Duration.ofMillis(500);
  private static final Duration BULK = Duration.ofSeconds(5);

  private static final Set<String> NAMES =
      Set.of("id", "pod_sandbox_id", "container_id", "mountpoint");

  /** For lists of pods or containers, whose items are compared by all fields. */
  static ListClassifier podItems() {
    return new ListClassifier(PODS, Message::toString);
  }

  /** For other lists with constant items. */
  static ListClassifier ofItems() {
    return new ListClassifier(BULK, Message::toString);
  }

  /** For lists of measured values, whose items are compared by ids or mount points. */
  static ListClassifier ofFigures() {
    return new ListClassifier(BULK, ListClassifier::names);
  }

  @Override
  public String outcome(MatrixCase of) throws InvalidProtocolBufferException {
    String rpc = of.row().rpc();
    List<String> known = items(rpc, of.answerBefore());
    List<String> others = known.stream().filter(item -> !isOfFaulty(item)).toList();
    of.addUnknownPod();
    RpcStatus status = of.finish();
    if (!status.isOk()) {
      return of.failure(status);
    }
    List<String> items = items(rpc, of.answer());
    List<String> present = items(rpc, of.answerWithoutFault());
    return describe(of, items, known, others, present) + late(of);
  }

  private static String describe(
      MatrixCase of,
      List<String> items,
      List<String> known,
      List<String> others,
      List<String> present) {
    if (items.equals(others)) {
      return "left out";
    }
    if (items.equals(known)) {
      return "last known";
    }
    if (!items.equals(present)) {
      return "too many: " + minus(items, present) + ", missing: " + minus(known, items);
    }
    if (!of.row().rpc().endsWith("ContainerStats") && of.wasCalled("ListContainerStats")) {
      return "from container stats";
    }
    return of.row().rpc().startsWith("Stream") && of.wasCalled(unary(of.row().rpc()))
        ? "by the unary rpc"
        : "as without the fault";
  }

  private static String unary(String stream) {
    return stream.equals("StreamPodSandboxes")
        ? "ListPodSandbox"
        : stream.replaceFirst("Stream", "List");
  }

  private static List<String> minus(List<String> items, List<String> others) {
    List<String> rest = new ArrayList<>(items);
    others.forEach(rest::remove);
    return rest;
  }

  private String late(MatrixCase of) {
    return of.elapsed().compareTo(budget) > 0 ? " after " + of.elapsed().toMillis() + " ms" : "";
  }

  private static boolean isOfFaulty(String item) {
    return item.contains(FaultyNode.FAULTY_PREFIX) || item.contains(FaultyNode.FAULTY);
  }

  /** The keys of all items in all lists of a response, sorted. */
  private List<String> items(String rpc, ByteString answer) throws InvalidProtocolBufferException {
    List<String> items = new ArrayList<>();
    Message message = DynamicMessage.parseFrom(answerType(rpc), answer);
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (value instanceof List<?> list) {
                list.forEach(item -> items.add(field.getName() + " " + key.apply((Message) item)));
              }
            });
    items.sort(null);
    return items;
  }

  private static Descriptor answerType(String rpc) {
    return CriServices.getDescriptor().getServices().stream()
        .map(service -> service.findMethodByName(rpc))
        .filter(Objects::nonNull)
        .findFirst()
        .orElseThrow()
        .getOutputType();
  }

  /** The ids and mount points in a message and its nested messages. */
  private static String names(Message message) {
    List<String> names = new ArrayList<>();
    addNames(message, names);
    names.sort(null);
    return names.toString();
  }

  private static void addNames(Message message, List<String> names) {
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              for (Object each : value instanceof List<?> list ? list : List.of(value)) {
                if (each instanceof Message inner) {
                  addNames(inner, names);
                } else if (NAMES.contains(field.getName())) {
                  names.add(String.valueOf(each));
                }
              }
            });
  }
}
