package io.crirouter.examples.criproxy.config;

import io.crirouter.examples.criproxy.config.ConfigNode.Entry;
import io.crirouter.examples.criproxy.config.ConfigNode.Items;
import io.crirouter.examples.criproxy.config.ConfigNode.Nothing;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import io.crirouter.examples.criproxy.config.ConfigNode.Text;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The keys whose values differ between two configurations, wherever they were written. */
final class ConfigDifference {
  private ConfigDifference() {}

  /** Keys within tables have their path, {@code log.level}; a list is one value. */
  static Set<String> keys(Table one, Table other) {
    Set<String> differing = new LinkedHashSet<>();
    add(one, other, "", differing);
    return differing;
  }

  private static void add(Table one, Table other, String path, Set<String> differing) {
    Set<String> keys = new TreeSet<>(one.entries().keySet());
    keys.addAll(other.entries().keySet());
    for (String key : keys) {
      ConfigNode mine = value(one, key);
      ConfigNode its = value(other, key);
      if (mine instanceof Table table && its instanceof Table second) {
        add(table, second, path + key + ".", differing);
      } else if (!isSame(mine, its)) {
        differing.add(path + key);
      }
    }
  }

  private static @Nullable ConfigNode value(Table table, String key) {
    Entry entry = table.entries().get(key);
    return entry == null ? null : entry.value();
  }

  private static boolean isSame(@Nullable ConfigNode one, @Nullable ConfigNode other) {
    if (one instanceof Text text && other instanceof Text second) {
      return text.value().equals(second.value());
    }
    if (one instanceof Table table && other instanceof Table second) {
      return keys(table, second).isEmpty();
    }
    if (one instanceof Items items && other instanceof Items second) {
      return isSame(items.values(), second.values());
    }
    return one == null ? other == null : one instanceof Nothing && other instanceof Nothing;
  }

  private static boolean isSame(List<ConfigNode> one, List<ConfigNode> other) {
    if (one.size() != other.size()) {
      return false;
    }
    for (int i = 0; i < one.size(); i++) {
      if (!isSame(one.get(i), other.get(i))) {
        return false;
      }
    }
    return true;
  }
}
