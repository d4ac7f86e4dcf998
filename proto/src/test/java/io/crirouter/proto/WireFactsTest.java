package io.crirouter.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The schema is what travels between kubelets and runtimes: no more, no less, no other numbers. */
class WireFactsTest {

  private final Map<String, Fact> facts = Fact.v1();
  private final Map<String, Fact> schema = Schema.facts();

  @TestFactory
  Stream<DynamicTest> schemaEqualsTheFacts() {
    Set<String> owners = new LinkedHashSet<>();
    facts.values().forEach(fact -> owners.add(fact.owner()));
    schema.values().forEach(fact -> owners.add(fact.owner()));
    return owners.stream()
        .map(
            owner ->
                DynamicTest.dynamicTest(owner, () -> assertThat(differences(owner)).isEmpty()));
  }

  @Test
  void serviceNamesAreThoseThatClientsCall() {
    assertThat(Schema.FILES)
        .flatExtracting(FileDescriptor::getServices)
        .extracting(ServiceDescriptor::getFullName)
        .containsExactly("runtime.v1.RuntimeService", "runtime.v1.ImageService");
  }

  private List<String> differences(String owner) {
    Set<String> keys = new LinkedHashSet<>(facts.keySet());
    keys.addAll(schema.keySet());
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      Fact fact = facts.get(key);
      Fact found = schema.get(key);
      boolean ofOwner = (fact == null ? found : fact).owner().equals(owner);
      if (ofOwner && fact == null) {
        differences.add(
            "%s: in the schema (%s), not in the facts".formatted(key, found.description()));
      } else if (ofOwner && found == null) {
        differences.add(
            "%s: in the facts (%s), not in the schema".formatted(key, fact.description()));
      } else if (ofOwner && !fact.equals(found)) {
        differences.add(
            "%s: %s in the facts, %s in the schema"
                .formatted(key, fact.description(), found.description()));
      }
    }
    return differences;
  }
}
