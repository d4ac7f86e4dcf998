package io.crirouter.examples.criproxy.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A configuration as it was written, with the origin of each part. Immutable. */
public sealed interface ConfigNode {
  /** Where it comes from. */
  Origin origin();

  /** A value. What it means is up to the key that it belongs to. */
  record Text(String value, Origin origin) implements ConfigNode {}

  /** A key without a value. */
  record Nothing(Origin origin) implements ConfigNode {}

  /** A list. */
  record Items(List<ConfigNode> values, Origin origin) implements ConfigNode {
    public Items {
      values = List.copyOf(values);
    }
  }

  /** Keys with their values, in the order in which they were written. */
  record Table(Map<String, Entry> entries, Origin origin) implements ConfigNode {
    public Table {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    /** The same with the values and lists of {@code over}, also within tables. */
    public Table overriddenBy(Table over) {
      Map<String, Entry> merged = new LinkedHashMap<>(entries);
      over.entries.forEach((key, entry) -> merged.merge(key, entry, Entry::overriddenBy));
      return new Table(merged, origin);
    }
  }

  /**
   * A value with the place of its key.
   *
   * @param keyOrigin where the key is
   * @param value what it has
   */
  record Entry(Origin keyOrigin, ConfigNode value) {
    private Entry overriddenBy(Entry over) {
      return value instanceof Table table && over.value instanceof Table above
          ? new Entry(keyOrigin, table.overriddenBy(above))
          : over;
    }

    /** Key and value have the same origin. */
    public static Entry of(ConfigNode value) {
      return new Entry(value.origin(), value);
    }
  }
}
