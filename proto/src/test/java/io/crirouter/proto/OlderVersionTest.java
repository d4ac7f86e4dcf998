package io.crirouter.proto;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.crirouter.proto.routing.RoutingProto;
import io.crirouter.proto.routing.V1Only;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** v1alpha2 is v1 with fewer fields, and every field it lacks in requests is marked. */
class OlderVersionTest {

  private final Map<String, Fact> v1alpha2 = Fact.v1alpha2();
  private final Set<FieldDescriptor> sentToV1alpha2 = fieldsSentToV1alpha2();

  @Test
  void whatV1alpha2HasIsTheSameInV1() {
    Map<String, Fact> v1 = Fact.v1();
    List<String> differences = new ArrayList<>();
    v1alpha2.forEach(
        (key, old) -> {
          Fact now = v1.get(key);
          if (now == null ? !gainedFields(old, v1) : !old.equals(withoutRedaction(now))) {
            String found = now == null ? "nothing" : now.description();
            differences.add("%s: %s, in v1 %s".formatted(key, old.description(), found));
          }
        });
    assertThat(differences)
        .as("strings and bytes look the same on the wire; nothing else may differ")
        .containsExactly("KeyValue.value: field 2 string, in v1 field 2 bytes");
  }

  @Test
  void everyRequestFieldThatV1alpha2LacksIsMarkedAndNoOther() {
    Set<String> lacking =
        sentToV1alpha2.stream()
            .filter(field -> !isInV1alpha2(field))
            .map(Schema::name)
            .collect(toCollection(TreeSet::new));
    Set<String> marked =
        Schema.fields()
            .filter(field -> v1only(field) != V1Only.V1_ONLY_UNSPECIFIED)
            .map(Schema::name)
            .collect(toCollection(TreeSet::new));

    assertThat(marked).isEqualTo(lacking).isNotEmpty();
  }

  @Test
  void onlyWhatKubeletsSendUnaskedIsDropped() {
    assertThat(Schema.fields().filter(field -> v1only(field) == V1Only.DROP).map(Schema::name))
        .as("what is dropped is lost silently: mere hints only")
        .containsExactlyInAnyOrder(
            "ImageSpec.user_specified_image", "ImageSpec.runtime_handler", "ImageSpec.image_ref");
  }

  @Test
  void noEnumOfAnOlderRequestHasNewValues() {
    Set<EnumDescriptor> enums =
        sentToV1alpha2.stream()
            .filter(this::isInV1alpha2)
            .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.ENUM)
            .map(FieldDescriptor::getEnumType)
            .collect(toCollection(LinkedHashSet::new));

    assertThat(enums).as("enums in requests").isNotEmpty();
    assertThat(enums)
        .flatExtracting(EnumDescriptor::getValues)
        .extracting(value -> value.getType().getName() + "." + value.getName())
        .filteredOn(value -> !v1alpha2.containsKey(value))
        .as("values that v1alpha2 lacks: a field's mark would not cover them")
        .isEmpty();
  }

  /** A message that was empty has no row of its own once it has fields. */
  private static boolean gainedFields(Fact old, Map<String, Fact> v1) {
    return old.kind().equals("message")
        && v1.values().stream()
            .anyMatch(fact -> fact.kind().equals("field") && fact.owner().equals(old.owner()));
  }

  /** v1alpha2 has no redaction; it shows in no byte. */
  private static Fact withoutRedaction(Fact fact) {
    String label = fact.label().replace("redact", "").strip();
    return new Fact(fact.kind(), fact.owner(), fact.name(), fact.number(), fact.type(), label);
  }

  /**
   * Fields in requests of rpcs that v1alpha2 has, at any depth, including those it lacks; what is
   * only reachable through a lacking one goes or is refused together with that one.
   */
  private Set<FieldDescriptor> fieldsSentToV1alpha2() {
    Map<String, Descriptor> seen = new LinkedHashMap<>();
    Schema.rpcs()
        .filter(rpc -> v1alpha2.containsKey(Schema.name(rpc)))
        .forEach(rpc -> collect(rpc.getInputType(), seen));
    return seen.values().stream()
        .map(Descriptor::getFields)
        .flatMap(Collection::stream)
        .collect(toCollection(LinkedHashSet::new));
  }

  private void collect(Descriptor message, Map<String, Descriptor> seen) {
    if (seen.putIfAbsent(message.getFullName(), message) != null) {
      return;
    }
    for (FieldDescriptor field : message.getFields()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
          && !field.isMapField()
          && isInV1alpha2(field)) {
        collect(field.getMessageType(), seen);
      }
    }
  }

  private boolean isInV1alpha2(FieldDescriptor field) {
    return v1alpha2.containsKey(Schema.name(field));
  }

  private static V1Only v1only(FieldDescriptor field) {
    return field.getOptions().getExtension(RoutingProto.v1Only);
  }
}
