package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CleanTextTest {
  @Test
  void printableTextIsUnchanged() {
    String text =
        "runtime \u201cv\u00edrtlet\u201d is lost: \u4e0d\u53ef\u7528 \ud83d\ude00 \\ {0}";

    assertThat(CleanText.of(text, 1024)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0, '\n', '\r', '\t', 0x0b, 0x1b, 0x7f, 0x85, 0x9b, 0xd800, 0x200e, 0x2028, 0x2029, 0x202e,
        0x2066, 0xfeff, 0xe000, 0xe0041
      })
  void noCharacterCanForgeALineOrControlATerminal(int character) {
    String clean = CleanText.of("a" + Character.toString(character) + "b", 1024);

    assertThat(clean).matches("a\\\\(n|r|t|u[0-9a-f]{4,6})b");
  }

  @Test
  void aLongTextIsCutAtItsByteLimitAndEndsWithItsLength() {
    assertThat(CleanText.of("x".repeat(1024), 1024)).isEqualTo("x".repeat(1024));
    assertThat(CleanText.of("x".repeat(1025), 1024))
        .isEqualTo("x".repeat(1024) + "...(1025 characters)");
    assertThat(CleanText.of("\u00e9".repeat(1000), 11))
        .isEqualTo("\u00e9".repeat(5) + "...(1000 characters)");
    assertThat(CleanText.of("\n".repeat(1000), 11))
        .isEqualTo("\\n".repeat(5) + "...(1000 characters)");
    assertThat(CleanText.of("\ud83d\ude00".repeat(1000), 11).getBytes(UTF_8)).hasSizeLessThan(40);
  }
}
