package io.crirouter.core.internal.call;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClippedTextTest {
  @ParameterizedTest
  @ValueSource(strings = {"x", "ä", "€", "😀"})
  void whatFitsIsLeftWhole(String character) {
    String text = character.repeat(ClippedText.MAX_BYTES / character.getBytes(UTF_8).length);

    assertThat(ClippedText.of(text)).isSameAs(text);
    assertThat(ClippedText.of("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "ä", "€", "😀", "x😀"})
  void aLongerTextIsCutBetweenCharactersAndTellsHowLongItWas(String character) {
    for (int count : new int[] {1025, 1026, 1027, 1028, 3 << 20}) {
      String text = character.repeat(count);

      String clipped = ClippedText.of(text);

      String end = "... (" + text.length() + " characters)";
      assertThat(clipped).endsWith(end);
      assertThat(clipped.getBytes(UTF_8).length).isBetween(1020, 1024);
      String start = clipped.substring(0, clipped.length() - end.length());
      assertThat(text).startsWith(start);
      assertThat(new String(start.getBytes(UTF_8), UTF_8)).as("no half pair").isEqualTo(start);
    }
  }

  @Test
  void halfAPairIsNoReasonToFail() {
    assertThat(ClippedText.of("\ud800".repeat(5000)).getBytes(UTF_8).length)
        .isLessThanOrEqualTo(ClippedText.MAX_BYTES);
  }
}
