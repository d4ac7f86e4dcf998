package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProxyLogTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Pattern DROPPED = Pattern.compile("warn  (\\d+) log lines were dropped");

  private final BlockedOutput out = new BlockedOutput();
  private final AtomicLong now = new AtomicLong();
  private final ProxyLog log = new ProxyLog(out, now::get, new TextLines(false, false));

  /** A pipe that blocks until it is opened. */
  private static final class BlockedOutput extends OutputStream {
    private final CountDownLatch opened = new CountDownLatch(1);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Override
    public void write(int character) throws IOException {
      try {
        opened.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      synchronized (written) {
        written.write(character);
      }
    }

    /** The complete lines. */
    List<String> lines() {
      synchronized (written) {
        String text = written.toString(UTF_8);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
      }
    }
  }

  private void log(String logger, Level level, String text) {
    log.log(new LogEntry(logger, level, text, null, null));
  }

  /** Logs many lines with different formats. */
  private void flood(int lines) {
    for (int i = 0; i < lines; i++) {
      log("io.crirouter.flood" + i / 10, Level.ERROR, i + " " + "x".repeat(1000));
    }
  }

  @Test
  void loggingNeverBlocksAndDroppedLinesAreCounted() {
    flood(1000);

    out.opened.countDown();
    assertThat(log.flush(LIMIT)).isTrue();

    List<String> lines = out.lines();
    assertThat(lines.get(0)).startsWith("error 0 x");
    List<MatchResult> dropped =
        lines.stream().flatMap(line -> DROPPED.matcher(line).results()).toList();
    assertThat(dropped).hasSize(1);
    assertThat(lines).hasSizeBetween(200, 300);
    assertThat(lines.size() - 1 + Integer.parseInt(dropped.get(0).group(1)))
        .as("each line is either there or counted")
        .isEqualTo(1000);
  }

  @Test
  void roomIsReservedForTheProxysOwnLines() {
    flood(1000);
    log("io.crirouter.criproxy", Level.INFO, "stopping");

    out.opened.countDown();
    assertThat(log.flush(LIMIT)).isTrue();

    assertThat(out.lines()).last().isEqualTo("info  stopping");
  }

  @Test
  void aFlushWaitsNoLongerThanItsLimit() {
    log("io.crirouter", Level.INFO, "never read");

    assertThat(log.flush(Duration.ofMillis(1))).isFalse();
    out.opened.countDown();
    assertThat(log.flush(LIMIT)).isTrue();
  }

  @Test
  void linesThatClientsCauseAreLoggedTenTimesAndThenCounted() {
    for (int i = 0; i < 50; i++) {
      log("io.crirouter", Level.WARNING, "again");
    }
    out.opened.countDown();
    assertThat(log.flush(LIMIT)).isTrue();

    assertThat(out.lines()).hasSize(11).last().isEqualTo("warn  40 more of these: again");
  }

  @Test
  void summariesAreLoggedAlsoWhenNothingElseIs() {
    out.opened.countDown();
    for (int i = 0; i < 50; i++) {
      log("io.crirouter", Level.WARNING, "again");
    }

    now.addAndGet(RepeatLimit.WINDOW.toNanos());

    while (out.lines().size() < 11) {
      Thread.onSpinWait();
    }
    assertThat(out.lines()).last().isEqualTo("warn  40 more of these: again");
  }

  @Test
  void librariesAreNeverLoggedBelowWarnings() {
    log.threshold(Level.DEBUG);
    for (String library : List.of("io.grpc.netty.shaded.x", "io.netty.x", "io.crirouterlike", "")) {
      log(library, Level.INFO, "library");
      log(library, Level.DEBUG, "library");
    }
    log("io.grpc", Level.WARNING, "its warning");
    log("io.crirouter.core", Level.DEBUG, "decision");
    out.opened.countDown();
    assertThat(log.flush(LIMIT)).isTrue();

    assertThat(out.lines()).containsExactly("warn  its warning", "debug decision");
  }

  @Test
  void printedTextIsLoggedLineByLine() {
    out.opened.countDown();
    log.printStream().println("criproxy: cannot listen");
    log.printStream().print("x".repeat(9000) + "\n");
    assertThat(log.flush(LIMIT)).isTrue();

    assertThat(String.join("", out.lines())).startsWith("criproxy: cannot listenxxx").hasSize(9023);
  }
}
