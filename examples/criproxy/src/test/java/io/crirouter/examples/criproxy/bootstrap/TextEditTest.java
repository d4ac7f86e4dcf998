package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Edits of one value in YAML and flag files. */
class TextEditTest {
  private static final String FLAG = "--container-runtime-endpoint";

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "a: 1|k: old|z: 2, a: 1|k: new|z: 2",
        "k: \"old\" # why|z: 2, k: \"new\" # why|z: 2",
        "k: 'old'|, k: 'new'|",
        "k:|z: 2, k: new|z: 2",
        "k: \"\"|, k: \"new\"|",
        "# only a comment|, # only a comment|k: \"new\"|",
        "``, k: \"new\"|",
        "a: 1, a: 1|k: \"new\"|",
        "---|a: 1|z: 2|, ---|a: 1|k: \"new\"|z: 2|",
        "`  a: 1|  z: 2|`, `  a: 1|  k: \"new\"|  z: 2|`",
        "{`\"a\"`: 1}, {\"k\": \"new\"; `\"a\"`: 1}",
        "a: {k: old}|z: 2|, a: {k: old}|k: \"new\"|z: 2|",
        "a: \uD83D\uDE00|k: old|, a: \uD83D\uDE00|k: new|"
      })
  void aYamlKeyIsSet(String before, String after) throws Exception {
    assertThat(YamlText.parse("file", lines(before)).with("k", "new")).isEqualTo(lines(after));
  }

  private static String lines(String written) {
    return written.replace("|", "\n").replace("`\"a\"`", "\"a\"").replace(";", ",");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "- a",
        "k: [1]",
        "k: 1\nk: 2",
        "a: 1\n---\na: 2",
        "a: &x old\nk: *x",
        "a: [",
        "a: 1\n...\n"
      })
  void whatIsNotUnderstoodIsRefused(String text) {
    assertThatThrownBy(() -> YamlText.parse("/etc/file", text).with("k", "new"))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("/etc/file is not understood: ");
  }

  @Test
  void aFlagIsReplacedExceptInComments() {
    String text =
        "# --container-runtime-endpoint=x\nA=\"--container-runtime-endpoint=x --b=1\"\n"
            + "'--container-runtime-endpoint=y' \\\n--container-runtime-endpoint z\n--my-container-runtime-endpoint=k";

    assertThat(FlagText.values(text, FLAG)).containsExactly("x", "y", "z");
    assertThat(FlagText.replace(text, FLAG, "N"))
        .isEqualTo(
            "# --container-runtime-endpoint=x\nA=\"--container-runtime-endpoint=N --b=1\"\n"
                + "'--container-runtime-endpoint=N' \\\n--container-runtime-endpoint N\n--my-container-runtime-endpoint=k");
  }

  @ParameterizedTest
  @CsvSource({
    "A=\"--f=x --b=1\", A=\"--b=1\"",
    "A=\"--a=1 --f=x\", A=\"--a=1\"",
    "A=\"--a=1 --f x --b=1\", A=\"--a=1 --b=1\"",
    "A=\"--f=x\", A=\"\"",
    "A=--f=x, A=",
    "A= \"--a\", A= \"--a\""
  })
  void aFlagIsRemoved(String before, String after) {
    assertThat(FlagText.remove(before, "--f")).isEqualTo(after);
  }

  @Test
  void aFlagIsAddedToAVariable() {
    assertThat(FlagText.add("# c\nA=\"--b\"\n", "A", "--f", "x"))
        .contains("# c\nA=\"--f=x --b\"\n");
    assertThat(FlagText.add("A=\"\"\n", "A", "--f", "x")).contains("A=\"--f=x\"\n");
    assertThat(FlagText.add("B=\"\"\n", "A", "--f", "x")).isEmpty();
  }
}
