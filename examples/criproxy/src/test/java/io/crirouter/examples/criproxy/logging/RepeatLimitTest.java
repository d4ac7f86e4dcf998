package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RepeatLimitTest {
  private long now;
  private final RepeatLimit limit = new RepeatLimit(() -> now);

  private static LogEntry entry(Level level, String format, Object... parameters) {
    return new LogEntry("io.crirouter.a", level, format, parameters, null);
  }

  private int admitted(int count, Level level, String format) {
    return (int)
        IntStream.range(0, count).filter(i -> limit.admits(entry(level, format, i))).count();
  }

  private void advance(Duration time) {
    now += time.toNanos();
  }

  private List<String> summaries(boolean ending) {
    return limit.summaries(ending).stream().map(line -> new String(line.bytes(), UTF_8)).toList();
  }

  @Test
  void aFormatIsLoggedTenTimesInTenSecondsWhateverItsParameters() {
    assertThat(admitted(25, Level.WARNING, "stream {0} failed")).isEqualTo(10);
    assertThat(admitted(5, Level.WARNING, "another {0}")).isEqualTo(5);
    assertThat(admitted(5, Level.ERROR, "stream {0} failed")).isEqualTo(5);
  }

  @Test
  void suppressedEntriesAreSummarizedAfterTheWindow() {
    admitted(25, Level.WARNING, "stream {0} failed");
    advance(Duration.ofSeconds(9));
    assertThat(limit.hasSuppressed()).isTrue();
    assertThat(summaries(false)).isEmpty();

    advance(Duration.ofSeconds(1));

    assertThat(summaries(false)).containsExactly("warn  15 more of these: stream ... failed\n");
    assertThat(limit.hasSuppressed()).isFalse();
    assertThat(summaries(false)).isEmpty();
    assertThat(admitted(25, Level.WARNING, "stream {0} failed")).isEqualTo(10);
  }

  @Test
  void endlessRepetitionsAreSummarizedEveryTenSeconds() {
    int admitted = 0;
    int summaries = 0;
    for (int second = 0; second < 60; second++) {
      admitted += admitted(100, Level.INFO, "again");
      summaries += summaries(false).size();
      advance(Duration.ofSeconds(1));
    }

    assertThat(admitted).isEqualTo(60);
    assertThat(summaries).isEqualTo(5);
  }

  @Test
  void finalSummariesAreReturnedAtOnce() {
    admitted(11, Level.INFO, "again");

    assertThat(summaries(true)).containsExactly("info  1 more of these: again\n");
  }

  @Test
  void formatsThatDifferEachTimeAreLimitedToo() {
    long admitted =
        IntStream.range(0, 10_000)
            .filter(i -> limit.admits(entry(Level.WARNING, "id " + i)))
            .count();

    assertThat(admitted).isEqualTo(100);
    assertThat(summaries(true)).containsExactly("warn  9900 more lines of io.crirouter.a\n");
  }

  @Test
  void debugLinesHaveAHigherLimit() {
    assertThat(admitted(1000, Level.DEBUG, "call {0}")).isEqualTo(100);
  }

  @Test
  void theNumberOfWindowsIsBounded() {
    for (int i = 0; i < 20_000; i++) {
      admitted(11, Level.WARNING, "id " + i);
      advance(Duration.ofSeconds(1));
    }

    assertThat(limit.keys()).isLessThanOrEqualTo(RepeatLimit.MAX_KEYS);
    assertThat(summaries(true)).isNotEmpty();
  }
}
