package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the snippets of source files that docs show. */
final class Snippets {
  private Snippets() {}

  /** The lines between the marks, which are comments of Java or XML, moved to the left margin. */
  static String region(String source, String name) {
    Matcher region =
        Pattern.compile(
                "(?://|<!--) snippet: " + name + "(?: -->)?\n(.*?)\n *(?://|<!--) end",
                Pattern.DOTALL)
            .matcher(source);
    assertThat(region.find()).as("a region for the snippet " + name).isTrue();
    return region.group(1).stripTrailing().stripIndent() + '\n';
  }
}
