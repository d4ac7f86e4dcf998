package io.crirouter.proto;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.routing.Routing;
import io.crirouter.proto.routing.RoutingProto;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The routing options are complete, in their place, and do not contradict each other. */
class ClassificationTest {

  /** Names that would be taken for a reference by a reader. Only strings are looked at. */
  private static final Pattern LOOKS_LIKE_A_REFERENCE =
      Pattern.compile("(^|_)u?ids?$|(^|_)refs?$|image|url|handler");

  @Test
  void everyRpcHasARoute() {
    assertThat(rpcs(rpc -> routing(rpc).getRoute() == Route.ROUTE_UNSPECIFIED))
        .as("rpcs without a route")
        .isEmpty();
  }

  @Test
  void everyRequestCarriesWhatItsRouteNeeds() {
    assertThat(rpcs(rpc -> !carriesWhatItsRouteNeeds(rpc)))
        .as("rpcs whose request lacks the one field that its route is decided by")
        .isEmpty();
  }

  private static boolean carriesWhatItsRouteNeeds(MethodDescriptor rpc) {
    List<FieldDescriptor> fields = rpc.getInputType().getFields();
    return switch (routing(rpc).getRoute()) {
      case POD_SANDBOX -> isDecidedBy(Reference.POD_SANDBOX_ID, fields);
      case CONTAINER -> isDecidedBy(Reference.CONTAINER_ID, fields);
      case IMAGE -> has("ImageSpec", fields);
      case PLACEMENT -> has("PodSandboxConfig", fields);
      default -> true;
    };
  }

  private static boolean isDecidedBy(Reference reference, List<FieldDescriptor> fields) {
    return fields.stream().filter(f -> !f.isRepeated() && ref(f) == reference).count() == 1;
  }

  private static boolean has(String message, List<FieldDescriptor> fields) {
    return fields.stream().filter(field -> holds(message, field)).count() == 1;
  }

  private static boolean holds(String message, FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        && !field.isRepeated()
        && field.getMessageType().getName().equals(message);
  }

  @Test
  void severalAnswersAreMergedWithinABudgetAndSingleOnesAreNot() {
    assertThat(rpcs(rpc -> !isMergedAsItsRouteNeeds(routing(rpc))))
        .as("ALL needs merge and budget, IMAGE both or neither, others at most a STATUS merge")
        .isEmpty();
  }

  private static boolean isMergedAsItsRouteNeeds(Routing routing) {
    boolean merge = routing.getMerge() != Merge.MERGE_UNSPECIFIED;
    boolean budget = routing.getBudget() != Budget.BUDGET_UNSPECIFIED;
    return switch (routing.getRoute()) {
      case ALL -> merge && budget;
      case IMAGE -> merge == budget;
      default -> !budget && (!merge || routing.getMerge() == Merge.STATUS);
    };
  }

  @Test
  void concatenatedAnswersAreOneListAndNothingElse() {
    assertThat(rpcs(rpc -> routing(rpc).getMerge() == Merge.CONCATENATE && items(rpc).isEmpty()))
        .as("rpcs whose answers cannot be merged by concatenation")
        .isEmpty();
  }

  @Test
  void streamsNameTheListThatTheyAreTheChunksOf() {
    assertThat(rpcs(rpc -> isStreamedList(rpc) && !equalsItsList(rpc)))
        .as("streams whose list_rpc lacks, or differs in routing, filter or items")
        .isEmpty();
  }

  @Test
  void onlyStreamsOfListsNameAList() {
    assertThat(rpcs(rpc -> !isStreamedList(rpc) && !routing(rpc).getListRpc().isEmpty())).isEmpty();
  }

  private static boolean isStreamedList(MethodDescriptor rpc) {
    return rpc.isServerStreaming() && routing(rpc).getMerge() != Merge.EVENTS;
  }

  private static boolean equalsItsList(MethodDescriptor stream) {
    MethodDescriptor list = stream.getService().findMethodByName(routing(stream).getListRpc());
    return list != null
        && !list.isServerStreaming()
        && routing(list).equals(routing(stream).toBuilder().clearListRpc().build())
        && items(stream).isPresent()
        && items(stream).equals(items(list))
        && filter(stream).equals(filter(list));
  }

  /** Number and type of the single repeated field that the answer consists of. */
  private static Optional<String> items(MethodDescriptor rpc) {
    List<FieldDescriptor> fields = rpc.getOutputType().getFields();
    return fields.size() == 1 && fields.get(0).isRepeated() && isMessage(fields.get(0))
        ? Optional.of(numberAndType(fields.get(0)))
        : Optional.empty();
  }

  private static Set<String> filter(MethodDescriptor rpc) {
    return rpc.getInputType().getFields().stream()
        .map(ClassificationTest::numberAndType)
        .collect(toSet());
  }

  private static String numberAndType(FieldDescriptor field) {
    return field.getNumber()
        + (isMessage(field) ? field.getMessageType().getFullName() : field.getType().name());
  }

  private static boolean isMessage(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField();
  }

  @Test
  void everyStringThatLooksLikeAReferenceIsClassified() {
    assertThat(
            fields(
                field ->
                    isString(field)
                        && LOOKS_LIKE_A_REFERENCE.matcher(field.getName()).find()
                        && ref(field) == Reference.REFERENCE_UNSPECIFIED))
        .as("strings that need a (crirouter.ref), if only NONE")
        .isEmpty();
  }

  @Test
  void referencesThatTheirNamesDoNotShowAreClassifiedToo() {
    assertThat(
            fields(
                field ->
                    isClassified(field) && !LOOKS_LIKE_A_REFERENCE.matcher(field.getName()).find()))
        .containsExactlyInAnyOrder(
            "RuntimeHandler.name", "Image.repo_tags", "Image.repo_digests", "Metric.label_values");
  }

  @Test
  void onlyStringsAreReferences() {
    assertThat(fields(field -> isClassified(field) && !isString(field))).isEmpty();
  }

  @Test
  void everyClassificationSaysSomething() {
    assertThat(fields(f -> isClassified(f) && ref(f) == Reference.REFERENCE_UNSPECIFIED)).isEmpty();
  }

  @Test
  void metricLabelsAreRepeated() {
    assertThat(fields(field -> ref(field) == Reference.METRIC_LABELS && !field.isRepeated()))
        .isEmpty();
  }

  @Test
  void aNameRefersToTheSameKindOfThingEverywhere() {
    Map<String, Set<Reference>> references =
        Schema.fields()
            .filter(field -> isClassified(field) && !field.getName().equals("id"))
            .collect(
                groupingBy(FieldDescriptor::getName, mapping(ClassificationTest::ref, toSet())));

    assertThat(references).allSatisfy((name, kinds) -> assertThat(kinds).as(name).hasSize(1));
    assertThat(references)
        .containsEntry("pod_sandbox_id", Set.of(Reference.POD_SANDBOX_ID))
        .containsEntry("container_id", Set.of(Reference.CONTAINER_ID))
        .containsEntry("image_ref", Set.of(Reference.IMAGE_REF))
        .containsEntry("runtime_handler", Set.of(Reference.RUNTIME_HANDLER))
        .containsEntry("url", Set.of(Reference.STREAM_URL));
  }

  @Test
  void anIdIsThatOfWhatItsMessageIsNamedAfter() {
    assertThat(
            fields(
                field ->
                    field.getName().equals("id")
                        && ref(field) != kindOfId(field.getContainingType())))
        .isEmpty();
  }

  private static Reference kindOfId(Descriptor message) {
    if (message.getName().startsWith("PodSandbox")) {
      return Reference.POD_SANDBOX_ID;
    }
    if (message.getName().startsWith("Container")) {
      return Reference.CONTAINER_ID;
    }
    return message.getName().startsWith("Image") ? Reference.IMAGE_REF : Reference.NONE;
  }

  private static boolean isString(FieldDescriptor field) {
    return field.getType() == FieldDescriptor.Type.STRING;
  }

  private static boolean isClassified(FieldDescriptor field) {
    return field.getOptions().hasExtension(RoutingProto.ref);
  }

  private static Reference ref(FieldDescriptor field) {
    return field.getOptions().getExtension(RoutingProto.ref);
  }

  private static Routing routing(MethodDescriptor rpc) {
    return rpc.getOptions().getExtension(RoutingProto.routing);
  }

  private static Stream<String> rpcs(Predicate<MethodDescriptor> offends) {
    return Schema.rpcs().filter(offends).map(Schema::name);
  }

  private static Stream<String> fields(Predicate<FieldDescriptor> offends) {
    return Schema.fields().filter(offends).map(Schema::name);
  }
}
