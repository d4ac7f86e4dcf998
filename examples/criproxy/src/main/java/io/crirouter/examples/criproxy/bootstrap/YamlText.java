package io.crirouter.examples.criproxy.bootstrap;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads and edits a top-level key of a YAML or JSON text. Everything else stays unchanged: order,
 * comments and quotes.
 */
final class YamlText {
  private final String name;
  private final String text;
  private final Optional<MappingNode> top;

  private YamlText(String name, String text, Optional<MappingNode> top) {
    this.name = name;
    this.text = text;
    this.top = top;
  }

  /**
   * Parses {@code text}.
   *
   * @param name the name of the file, for messages
   * @throws RefusedException if it is not a single document with keys
   */
  static YamlText parse(String name, String text) throws RefusedException {
    try {
      Optional<Node> root = new Compose(settings(name)).composeString(text);
      if (root.isEmpty() || root.get().getTag().equals(Tag.NULL)) {
        return new YamlText(name, text, Optional.empty());
      }
      if (root.get() instanceof MappingNode mapping) {
        return new YamlText(name, text, Optional.of(mapping));
      }
    } catch (YamlEngineException e) {
      throw notUnderstood(name, String.valueOf(e.getMessage()));
    }
    throw notUnderstood(name, "it has no keys");
  }

  private static LoadSettings settings(String name) {
    return LoadSettings.builder().setLabel(name).build();
  }

  private static RefusedException notUnderstood(String name, String why) {
    return new RefusedException(name + " is not understood: " + why);
  }

  /** The value of a top-level key; empty if the key is missing or has no value. */
  Optional<String> value(String key) throws RefusedException {
    Optional<NodeTuple> pair = pair(key);
    if (pair.isEmpty() || pair.get().getValueNode().getTag().equals(Tag.NULL)) {
      return Optional.empty();
    }
    if (pair.get().getValueNode() instanceof ScalarNode scalar) {
      return Optional.of(scalar.getValue());
    }
    throw notUnderstood(name, key + " is no text");
  }

  private Optional<NodeTuple> pair(String key) throws RefusedException {
    List<NodeTuple> found = new ArrayList<>();
    for (NodeTuple pair : pairs()) {
      if (pair.getKeyNode() instanceof ScalarNode scalar && scalar.getValue().equals(key)) {
        found.add(pair);
      }
    }
    if (found.size() > 1) {
      throw notUnderstood(name, key + " appears twice");
    }
    return found.stream().findFirst();
  }

  private List<NodeTuple> pairs() {
    return top.map(MappingNode::getValue).orElse(List.of());
  }

  /**
   * The text with another value of a key. Adds the key if it is missing.
   *
   * @throws RefusedException if that would change anything else
   */
  String with(String key, String value) throws RefusedException {
    Optional<NodeTuple> pair = pair(key);
    String edited = pair.isPresent() ? replaced(pair.get(), key, value) : added(key, value);
    requireOnlyChange(edited, key, value);
    return edited;
  }

  private String replaced(NodeTuple pair, String key, String value) throws RefusedException {
    if (!(pair.getValueNode() instanceof ScalarNode scalar)) {
      throw notUnderstood(name, key + " is no text");
    }
    int start = index(scalar.getStartMark());
    int end = index(scalar.getEndMark());
    String quote =
        switch (scalar.getScalarStyle()) {
          case SINGLE_QUOTED -> "'";
          case PLAIN -> start == end ? " " : "";
          default -> "\"";
        };
    String closing = scalar.getScalarStyle() == ScalarStyle.PLAIN ? "" : quote;
    return text.substring(0, start) + quote + value + closing + text.substring(end);
  }

  /** The text with a new key, in alphabetical order, as kubeadm writes it. */
  private String added(String key, String value) {
    if (top.isPresent() && top.get().getFlowStyle() == FlowStyle.FLOW) {
      int start = index(top.get().getStartMark()) + 1;
      String comma = pairs().isEmpty() ? "" : ", ";
      return text.substring(0, start)
          + "\""
          + key
          + "\": \""
          + value
          + "\""
          + comma
          + text.substring(start);
    }
    String line = key + ": \"" + value + "\"\n";
    for (NodeTuple pair : pairs()) {
      if (pair.getKeyNode() instanceof ScalarNode later && later.getValue().compareTo(key) > 0) {
        int start = index(later.getStartMark());
        String indent = text.substring(text.lastIndexOf('\n', start - 1) + 1, start);
        return text.substring(0, start) + line + indent + text.substring(start);
      }
    }
    return (text.isEmpty() || text.endsWith("\n") ? text : text + "\n") + line;
  }

  private int index(Optional<Mark> mark) {
    return text.offsetByCodePoints(0, mark.orElseThrow().getIndex());
  }

  private void requireOnlyChange(String edited, String key, String value) throws RefusedException {
    Map<Object, Object> expected = new LinkedHashMap<>(content(text));
    expected.put(key, value);
    if (!content(edited).equals(expected)) {
      throw notUnderstood(name, key + " cannot be set without changing other keys");
    }
  }

  private Map<?, ?> content(String yaml) throws RefusedException {
    try {
      return new Load(settings(name)).loadFromString(yaml) instanceof Map<?, ?> keys
          ? keys
          : Map.of();
    } catch (YamlEngineException e) {
      throw notUnderstood(name, String.valueOf(e.getMessage()));
    }
  }
}
