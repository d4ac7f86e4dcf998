package io.crirouter.core.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.crirouter.core.CriMethod;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.routing.Routing;
import io.crirouter.proto.routing.RoutingProto;
import io.crirouter.proto.v1.CriServices;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The schema says what the descriptors say, and enough for every rpc to be routed. */
class SchemaTest {
  private static final Set<Reference> NO_REFERENCES =
      EnumSet.of(Reference.REFERENCE_UNSPECIFIED, Reference.NONE);

  static Stream<MethodDescriptor> rpcs() {
    return CriServices.getDescriptor().getServices().stream()
        .flatMap(service -> service.getMethods().stream());
  }

  private static Stream<MethodSchema> methods() {
    return Schema.cri().methods().stream();
  }

  private static List<MethodSchema> methods(Route route) {
    return methods().filter(method -> method.route() == route).toList();
  }

  @Test
  void hasEveryRpcInTheOrderOfTheDescription() {
    assertThat(methods().map(MethodSchema::name))
        .hasSize(43)
        .containsExactlyElementsOf(rpcs().map(MethodDescriptor::getName).toList());
    assertThat(CriMethod.all())
        .extracting(CriMethod::name)
        .containsExactlyElementsOf(methods().map(MethodSchema::name).toList());
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void anRpcIsRoutedAsItsOptionsSay(MethodDescriptor rpc) {
    Routing options = rpc.getOptions().getExtension(RoutingProto.routing);
    MethodSchema method = Schema.cri().require(rpc.getName());

    assertThat(CriMethod.of(method.name()))
        .extracting(CriMethod::service, CriMethod::name, CriMethod::serverStreaming)
        .containsExactly(rpc.getService().getName(), rpc.getName(), rpc.isServerStreaming());
    assertThat(method.route()).isEqualTo(options.getRoute());
    assertThat(method.merge()).isEqualTo(options.getMerge());
    assertThat(method.effect()).isEqualTo(options.getEffect());
    assertThat(method.budget()).isEqualTo(options.getBudget());
    assertThat(method.listRpc()).isEqualTo(options.getListRpc());
    assertThat(method.substitute()).isEqualTo(options.getSubstitute());
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void theReferencesOfAnRpcAreThoseOfTheDescriptors(MethodDescriptor rpc) {
    MethodSchema method = Schema.cri().require(rpc.getName());

    assertThat(references(method.request()))
        .containsExactlyInAnyOrderElementsOf(references(rpc.getInputType()));
    assertThat(references(method.response()))
        .containsExactlyInAnyOrderElementsOf(references(rpc.getOutputType()));
  }

  @ParameterizedTest
  @EnumSource(names = {"POD_SANDBOX", "CONTAINER"})
  void anRpcThatIsRoutedByOwnerHasExactlyOneFieldThatNamesIt(Route route) {
    Reference kind = route == Route.CONTAINER ? Reference.CONTAINER_ID : Reference.POD_SANDBOX_ID;

    assertThat(methods(route))
        .isNotEmpty()
        .allSatisfy(
            method ->
                assertThat(method.requestPaths(Set.of(kind)))
                    .filteredOn(path -> path.fields().size() == 1)
                    .as("top-level singular fields of %s", method.name())
                    .hasSize(1));
  }

  @Test
  void anRpcThatIsRoutedByImageNamesOneImage() {
    assertThat(methods(Route.IMAGE))
        .isNotEmpty()
        .allSatisfy(
            method ->
                assertThat(method.requestPaths(Set.of(Reference.IMAGE_REF)))
                    .extracting(FieldPath::toString)
                    .as(method.name())
                    .contains("image.image"));
  }

  @Test
  void aPlacedRpcNamesItsHandlerAndAnswersWithTheIdOfWhatItMade() {
    assertThat(methods(Route.PLACEMENT))
        .isNotEmpty()
        .allSatisfy(
            method -> {
              assertThat(references(method.request())).contains("runtime_handler:RUNTIME_HANDLER");
              assertThat(references(method.response())).contains("pod_sandbox_id:POD_SANDBOX_ID");
            });
  }

  @Test
  void answersOfSeveralBackendsCanBeMergedAndAnswersOfOneOwnerAreNot() {
    assertThat(methods(Route.ALL))
        .isNotEmpty()
        .noneMatch(method -> method.merge() == Merge.MERGE_UNSPECIFIED);
    assertThat(Stream.of(Route.PLACEMENT, Route.POD_SANDBOX, Route.CONTAINER))
        .flatMap(SchemaTest::methods)
        .allMatch(method -> method.merge() == Merge.MERGE_UNSPECIFIED);
  }

  @Test
  void whatMayOccurSeveralTimesDecidesNoRoute() {
    assertThat(Schema.cri().require("CheckpointPod").requestPaths(Set.of(Reference.CONTAINER_ID)))
        .as("container_ids is repeated")
        .isEmpty();
  }

  @Test
  void pathsLeadFromTheMessageToTheField() {
    FieldPath path =
        Schema.cri()
            .require("ListContainers")
            .requestPaths(Set.of(Reference.POD_SANDBOX_ID))
            .get(0);

    assertThat(path).hasToString("filter.pod_sandbox_id");
    assertThat(path.numbers()).containsExactly(1, 3);
    assertThat(path.isPlural()).isFalse();
  }

  @Test
  void anIntegerThatIsNamedLikeAReferenceIsNone() {
    assertThat(methods().flatMap(method -> references(method.request()).stream()))
        .as("IDMapping.container_id is a uint32")
        .noneMatch(path -> path.contains("uid_mappings") || path.contains("uidMappings"));
  }

  @Test
  void anRpcIsFoundByItsNameAlone() {
    assertThat(Schema.cri().require("Version").name()).isEqualTo("Version");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schema.cri().require("Versions"))
        .withMessageContaining("Versions");
  }

  private static List<String> references(MessageSchema message) {
    List<String> references = new ArrayList<>();
    message.forEachReference((path, field) -> references.add(path + ":" + field.reference()));
    return references;
  }

  /** Walks all fields, those in maps too, which the schema leaves out. */
  private static List<String> references(Descriptor type) {
    return references(type, "").collect(Collectors.toList());
  }

  private static Stream<String> references(Descriptor type, String above) {
    return type.getFields().stream()
        .flatMap(
            field -> {
              String path = above + field.getName() + (field.isRepeated() ? "[]" : "");
              return field.getJavaType() == JavaType.MESSAGE
                  ? references(field.getMessageType(), path + ".")
                  : Stream.of(path + ":" + kind(field)).filter(any -> isReference(field));
            });
  }

  private static Reference kind(FieldDescriptor field) {
    return field.getOptions().getExtension(RoutingProto.ref);
  }

  private static boolean isReference(FieldDescriptor field) {
    return !NO_REFERENCES.contains(kind(field));
  }
}
