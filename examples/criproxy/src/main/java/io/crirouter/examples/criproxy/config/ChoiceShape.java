package io.crirouter.examples.criproxy.config;

import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import java.util.List;
import java.util.Map;

/**
 * The shape of a section that is one of several kinds. The first key of a kind identifies it.
 *
 * @param what the section, with its article, for messages
 * @param kinds the kinds
 */
record ChoiceShape(String what, List<SectionShape> kinds) implements Shape {
  ChoiceShape {
    kinds = List.copyOf(kinds);
  }

  private static String first(SectionShape kind) {
    return kind.keys().get(0).name();
  }

  private List<SectionShape> present(Table table) {
    return kinds.stream().filter(kind -> table.entries().containsKey(first(kind))).toList();
  }

  @Override
  public void check(ConfigNode node, String path, Problems problems) {
    List<String> accepted = kinds.stream().map(ChoiceShape::first).toList();
    if (!(node instanceof Table table)) {
      String expected = what + " with one of " + String.join(", ", accepted);
      Shape.addWrongKind(node, path, expected, problems);
      return;
    }
    List<SectionShape> present = present(table);
    if (present.size() == 1) {
      present.get(0).check(node, path, problems);
    } else if (present.isEmpty()) {
      addUnknown(table, path, accepted, problems);
    } else {
      String both = "'" + first(present.get(0)) + "' and '" + first(present.get(1)) + "'";
      problems.add(
          node.origin(), path, both + " exclude each other; write " + what + " for each, with '-'");
    }
  }

  private void addUnknown(Table table, String path, List<String> accepted, Problems problems) {
    if (table.entries().isEmpty()) {
      problems.add(table.origin(), path, "expected one of " + String.join(", ", accepted));
      return;
    }
    String given = table.entries().keySet().iterator().next();
    problems.add(
        table.origin(), path, "'" + given + "' is not " + what + Nearest.accepted(given, accepted));
  }

  @Override
  public ConfigNode withDefaults(ConfigNode node) {
    return present((Table) node).get(0).withDefaults(node);
  }

  @Override
  public Map<String, Object> jsonSchema() {
    return Map.of("oneOf", kinds.stream().map(SectionShape::jsonSchema).toList());
  }
}
