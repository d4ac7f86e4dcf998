package io.crirouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogTextTest {
  private long now;

  @Test
  void charactersThatCouldForgeALineAreEscaped() {
    assertThat(LogText.clean("a\r\nb\tc\u001b[31m\u202ed\u2028e"))
        .isEqualTo("a\\u000d\\u000ab\\u0009c\\u001b[31m\\u202ed\\u2028e");
    assertThat(LogText.clean("größer: 3 €")).isEqualTo("größer: 3 €");
  }

  @Test
  void longTextsAreCut() {
    assertThat(LogText.clean("x".repeat(1024))).hasSize(1024);
    assertThat(LogText.clean("x".repeat(9_000_000)))
        .isEqualTo("x".repeat(1024) + "... (9000000 characters)");
  }

  @Test
  void exceptionsKeepTheirStackTracesAndCausesWithCleanTexts() {
    Throwable failure = new IllegalStateException("a\nb", new IllegalArgumentException("c\nd"));

    Throwable clean = LogText.clean(failure);

    assertThat(clean).hasToString("java.lang.IllegalStateException: a\\u000ab");
    assertThat(clean.getStackTrace()).isEqualTo(failure.getStackTrace());
    assertThat(clean.getCause()).hasToString("java.lang.IllegalArgumentException: c\\u000ad");
  }

  @Test
  void tenLinesAreLoggedAtOnceAndOneMoreEachTenSeconds() {
    LogRate rate = new LogRate(() -> now);
    for (int i = 0; i < 10; i++) {
      assertThat(rate.tryAcquire()).isZero();
    }
    assertThat(rate.tryAcquire()).isEqualTo(-1);
    assertThat(rate.tryAcquire()).isEqualTo(-1);

    now += LogRate.INTERVAL.toNanos();

    assertThat(rate.tryAcquire()).as("left out meanwhile").isEqualTo(2);
    assertThat(rate.tryAcquire()).isEqualTo(-1);
    assertThat(LogRate.note(2)).isEqualTo(" (2 lines like this were left out)");
    assertThat(LogRate.note(0)).isEmpty();
  }
}
