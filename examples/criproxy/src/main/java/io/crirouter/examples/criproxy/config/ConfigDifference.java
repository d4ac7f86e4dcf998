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

/** Finds the keys whose values differ between two configurations. Origins are not compared. */
final class ConfigDifference {
  private ConfigDifference() {}

  /** The paths of the keys, {@code log.level} for example. A list is one value. */
  static Set<String> keys(Table left, Table right) {
    Set<String> differing = new LinkedHashSet<>();
    add(left, right, "", differing);
    return differing;
  }

  private static void add(Table left, Table right, String path, Set<String> differing) {
    Set<String> keys = new TreeSet<>(left.entries().keySet());
    keys.addAll(right.entries().keySet());
    for (String key : keys) {
      ConfigNode leftValue = value(left, key);
      ConfigNode rightValue = value(right, key);
      if (leftValue instanceof Table leftTable && rightValue instanceof Table rightTable) {
        add(leftTable, rightTable, path + key + ".", differing);
      } else if (!isSame(leftValue, rightValue)) {
        differing.add(path + key);
      }
    }
  }

  private static @Nullable ConfigNode value(Table table, String key) {
    Entry entry = table.entries().get(key);
    return entry == null ? null : entry.value();
  }

  private static boolean isSame(@Nullable ConfigNode left, @Nullable ConfigNode right) {
    if (left instanceof Text leftText && right instanceof Text rightText) {
      return leftText.value().equals(rightText.value());
    }
    if (left instanceof Table leftTable && right instanceof Table rightTable) {
      return keys(leftTable, rightTable).isEmpty();
    }
    if (left instanceof Items leftItems && right instanceof Items rightItems) {
      return isSame(leftItems.values(), rightItems.values());
    }
    return left == null ? right == null : left instanceof Nothing && right instanceof Nothing;
  }

  private static boolean isSame(List<ConfigNode> left, List<ConfigNode> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (!isSame(left.get(i), right.get(i))) {
        return false;
      }
    }
    return true;
  }
}
