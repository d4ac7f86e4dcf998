package io.crirouter.examples.criproxy.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A part of an unchecked configuration, with its origin. Immutable. */
public sealed interface ConfigNode {
  /** The place where it was written. */
  Origin origin();

  /** A value. Its key determines how it is parsed. */
  record Text(String value, Origin origin) implements ConfigNode {}

  /** A key without a value. */
  record Nothing(Origin origin) implements ConfigNode {}

  /** A list. */
  record Items(List<ConfigNode> values, Origin origin) implements ConfigNode {
    public Items {
      values = List.copyOf(values);
    }
  }

  /** Keys and their values, in the order of the configuration. */
  record Table(Map<String, Entry> entries, Origin origin) implements ConfigNode {
    public Table {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    /** This table with the values and lists of {@code overrides}; tables within are merged. */
    public Table overriddenBy(Table overrides) {
      Map<String, Entry> merged = new LinkedHashMap<>(entries);
      overrides.entries.forEach((key, entry) -> merged.merge(key, entry, Entry::overriddenBy));
      return new Table(merged, origin);
    }
  }

  /**
   * A value with the origin of its key.
   *
   * @param keyOrigin the origin of the key
   * @param value the value of the key
   */
  record Entry(Origin keyOrigin, ConfigNode value) {
    private Entry overriddenBy(Entry override) {
      return value instanceof Table table && override.value instanceof Table overrides
          ? new Entry(keyOrigin, table.overriddenBy(overrides))
          : override;
    }

    /** An entry whose key has the origin of the value. */
    public static Entry of(ConfigNode value) {
      return new Entry(value.origin(), value);
    }
  }
}
