package io.crirouter.examples.criproxy.config;

import io.crirouter.examples.criproxy.config.ConfigNode.Entry;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import io.crirouter.examples.criproxy.logging.ErrorText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads a YAML file. Values stay text, and each node has its origin. */
final class YamlFile {
  private static final long MAX_BYTES = 1 << 20;

  /** More than any configuration has. It bounds the recursion of the parsers. */
  private static final int MAX_DEPTH = 20;

  private static final String STANDARD_TAGS = "tag:yaml.org,2002:";

  private final String name;
  private final Problems problems = new Problems();
  private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private YamlFile(String name) {
    this.name = name;
  }

  static Table read(Path file) throws BadConfigurationException {
    try {
      if (Files.isDirectory(file)) {
        throw unreadable(file, "it is a folder", null);
      }
      if (Files.size(file) > MAX_BYTES) {
        throw unreadable(file, "it has more than " + MAX_BYTES + " bytes", null);
      }
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      throw unreadable(file, "it does not exist", e);
    } catch (AccessDeniedException e) {
      throw unreadable(file, "permission denied", e);
    } catch (CharacterCodingException e) {
      throw unreadable(file, "it is not written in UTF-8", e);
    } catch (IOException e) {
      throw unreadable(file, ErrorText.of(e), e);
    }
  }

  private static BadConfigurationException unreadable(
      Path file, String why, @Nullable Exception cause) {
    return new BadConfigurationException("cannot read " + file + ": " + why, cause);
  }

  static Table parse(String name, String text) throws BadConfigurationException {
    YamlFile file = new YamlFile(name);
    Table table = file.table(text);
    file.problems.throwIfAny();
    return table;
  }

  private Table table(String text) {
    Origin start = Origin.file(name, 1, 1);
    try {
      LoadSettings settings =
          LoadSettings.builder().setLabel(name).setAllowNonScalarKeys(true).build();
      if (isTooDeep(new Parse(settings).parseString(text))) {
        return new Table(Map.of(), start);
      }
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isPresent() && root.get() instanceof MappingNode mapping) {
        return table(mapping);
      }
      problems.add(
          root.map(this::origin).orElse(start), "", "keys with values are expected: 'listen: ...'");
    } catch (MarkedYamlEngineException e) {
      problems.add(e.getProblemMark().map(this::origin).orElse(start), "", problem(e));
    } catch (YamlEngineException e) {
      problems.add(start, "", String.valueOf(e.getMessage()));
    }
    return new Table(Map.of(), start);
  }

  /** A clearer message for the two parser errors that wrong indentation causes. */
  private static String problem(MarkedYamlEngineException e) {
    String problem = e.getProblem();
    return problem.startsWith("expected <block end>") || problem.startsWith("mapping values")
        ? "this belongs to no key above: put it below its key, with the same indentation as there"
        : problem;
  }

  private boolean isTooDeep(Iterable<Event> events) {
    int depth = 0;
    for (Event event : events) {
      if (event instanceof CollectionStartEvent) {
        depth++;
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
      if (depth > MAX_DEPTH) {
        Origin origin = event.getStartMark().map(this::origin).orElse(Origin.file(name, 1, 1));
        problems.add(origin, "", "lists and tables are nested more than " + MAX_DEPTH + " deep");
        return true;
      }
    }
    return false;
  }

  private Table table(MappingNode mapping) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (NodeTuple pair : mapping.getValue()) {
      Origin origin = origin(pair.getKeyNode());
      if (!(pair.getKeyNode() instanceof ScalarNode key)) {
        problems.add(origin, "", "a key must be text");
        continue;
      }
      Entry earlier =
          entries.putIfAbsent(key.getValue(), new Entry(origin, node(pair.getValueNode())));
      if (earlier != null) {
        String first = earlier.keyOrigin().brief();
        problems.add(origin, "", "key '" + key.getValue() + "' is there already, at " + first);
      }
    }
    return new Table(entries, origin(mapping));
  }

  private ConfigNode node(Node node) {
    Origin origin = origin(node);
    if (!seen.add(node)) {
      // An alias could make the configuration infinite.
      problems.add(origin, "", "an alias ('*') refers to this; write it out there");
      return new ConfigNode.Nothing(origin);
    }
    if (!node.getTag().getValue().startsWith(STANDARD_TAGS)) {
      problems.add(origin, "", "the tag " + node.getTag().getValue() + " is not known here");
    }
    if (node instanceof MappingNode mapping) {
      return table(mapping);
    }
    if (node instanceof SequenceNode sequence) {
      List<ConfigNode> values = new ArrayList<>();
      sequence.getValue().forEach(value -> values.add(node(value)));
      return new ConfigNode.Items(values, origin);
    }
    return node.getTag().equals(Tag.NULL)
        ? new ConfigNode.Nothing(origin)
        : new ConfigNode.Text(((ScalarNode) node).getValue(), origin);
  }

  private Origin origin(Node node) {
    return node.getStartMark().map(this::origin).orElse(Origin.file(name, 1, 1));
  }

  private Origin origin(Mark mark) {
    return Origin.file(name, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
