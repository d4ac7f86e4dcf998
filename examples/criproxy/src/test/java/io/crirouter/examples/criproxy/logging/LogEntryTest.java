package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogEntryTest {
  private static final String FORGERY = "\nerror forged\u001b[2J";

  private static String text(String logger, String format, Throwable thrown, Object... parameters) {
    return new String(
        new LogEntry(logger, Level.WARNING, format, parameters, thrown).bytes(), UTF_8);
  }

  @Test
  void itIsALineWithItsLevel() {
    assertThat(text("io.crirouter", "runtime {0} has {1} pods", null, "vm", 3))
        .isEqualTo("warn  runtime vm has 3 pods\n");
  }

  @Test
  void aTextWithoutParametersIsNoPattern() {
    assertThat(text("io.crirouter", "it''s {0}", null)).isEqualTo("warn  it''s {0}\n");
    assertThat(text("io.crirouter", "{0", null, "x")).isEqualTo("warn  {0 [x]\n");
  }

  @Test
  void noParameterCanForgeAnotherLine() {
    String text =
        text(
            "io.crirouter", "{0}" + FORGERY, new IOException(FORGERY, cause()), FORGERY, List.of());

    assertThat(text).containsOnlyOnce("\n").endsWith("\n").doesNotContain("\u001b");
    assertThat(text).contains("\\nerror forged\\u001b[2J");
  }

  private static Exception cause() {
    return new IOException("its cause" + FORGERY);
  }

  @Test
  void theCausesFollowInTheLine() {
    assertThat(text("io.grpc", "failed", new IOException("first", new IOException("second"))))
        .isEqualTo("warn  failed: first: second\n");
  }

  @Test
  void textsAreLimitedToOneKibibyteAndEntriesToEight() {
    String long9 = "x".repeat(9_000_000);

    assertThat(text("io.crirouter", "{0}", null, long9)).hasSizeLessThan(1100);
    assertThat(text("io.crirouter", long9, null)).hasSizeLessThan(1100);
    assertThat(text("io.crirouter", "failed", new IOException(long9))).hasSizeLessThan(1200);
    String format = "{0}{1}{2}{3}{4}{5}{6}{7}{8}{9}";
    Object[] all = new Object[10];
    Arrays.fill(all, long9);
    assertThat(text("io.crirouter", format, deep(9), all).length()).isBetween(8000, 8192);
  }

  /** Creates an exception with {@code depth} more stack frames. */
  private static RuntimeException deep(int depth) {
    return depth == 0 ? new IllegalStateException("deep") : deep(depth - 1);
  }

  @Test
  void onlyDefectsOfThisProjectHaveAStackTrace() {
    String defect = text("io.crirouter.x", "failed", new IllegalStateException("bug" + FORGERY));
    assertThat(defect.lines().toList().get(0)).startsWith("warn  failed: java.lang.Illegal");
    assertThat(defect.lines().skip(1))
        .isNotEmpty()
        .allMatch(line -> line.startsWith("    at "))
        .first()
        .asString()
        .contains("LogEntryTest.onlyDefectsOfThisProjectHaveAStackTrace");

    assertThat(text("io.grpc", "failed", new IllegalStateException("bug"))).containsOnlyOnce("\n");
    assertThat(text("io.crirouter", "failed", new IOException("x"))).containsOnlyOnce("\n");
  }

  @Test
  void aFailingToStringDoesNotFailLogging() {
    Object broken =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("broken");
          }
        };

    assertThat(text("io.crirouter", "{0} and {1}", null, broken, null)).contains("and null");
  }
}
