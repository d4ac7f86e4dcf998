package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The formats of log lines. */
class LineFormatTest {
  private static final LogEntry MISTAKE =
      new LogEntry("io.crirouter", Level.ERROR, "broken", null, new IllegalStateException("a bug"));

  private static String text(LineFormat format, LogEntry entry) {
    return new String(format.entry(entry), UTF_8);
  }

  private static LogEntry placed() {
    return new LogEntry(
        "io.crirouter.criproxy.pods",
        Level.INFO,
        "pod {0} started",
        new Object[] {new LogField("pod", "shop/web\u001b"), new LogField("millis", 12)},
        null);
  }

  @Test
  void aTextLineBeginsWithTheTime() {
    assertThat(text(new TextLines(true, false), placed()))
        .matches(
            "2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z info  pod shop/web\\\\u001b started\n");
  }

  @Test
  void journalLinesHaveAPriorityAndNoTime() {
    assertThat(text(new TextLines(true, true), placed()))
        .isEqualTo("<6>info  pod shop/web\\u001b started\n");
    assertThat(text(new TextLines(true, true), MISTAKE).lines())
        .hasSizeGreaterThan(3)
        .allMatch(line -> line.startsWith("<3>"));
    assertThat(new String(new TextLines(true, true).printed("criproxy: no"), UTF_8))
        .isEqualTo("<3>criproxy: no\n");
  }

  @Test
  void aJsonLineHasAKeyForEachField() {
    String line = text(new JsonLines(false), placed());

    assertThat(line).containsOnlyOnce("\n").endsWith("}\n");
    JsonObject entry = JsonParser.parseString(line).getAsJsonObject();
    assertThat(entry.keySet())
        .containsExactly("time", "level", "logger", "message", "pod", "millis");
    assertThat(Instant.parse(entry.get("time").getAsString()))
        .isBefore(Instant.now().plusMillis(1));
    assertThat(entry.get("level").getAsString()).isEqualTo("info");
    assertThat(entry.get("message").getAsString()).isEqualTo("pod shop/web\\u001b started");
    assertThat(entry.get("millis").getAsInt()).isEqualTo(12);
  }

  @Test
  void stackTracesAndPrintedLinesAreJsonToo() {
    JsonObject entry =
        JsonParser.parseString(text(new JsonLines(false), MISTAKE)).getAsJsonObject();
    assertThat(entry.get("message").getAsString())
        .isEqualTo("broken: java.lang.IllegalStateException: a bug");
    assertThat(entry.getAsJsonArray("stack").get(0).getAsString()).contains("LineFormatTest");
    String printed = new String(new JsonLines(true).printed("criproxy: \"no\""), UTF_8);
    assertThat(printed).startsWith("<3>{");
    assertThat(
            JsonParser.parseString(printed.substring(3))
                .getAsJsonObject()
                .get("message")
                .getAsString())
        .isEqualTo("criproxy: \"no\"");
  }

  @Test
  void theJournalStreamIsIdentifiedByDeviceAndInode(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("f"));

    assertThat(SystemdJournal.identity(file))
        .isEqualTo(
            Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino"));
    assertThat(SystemdJournal.identity(folder.resolve("none"))).isEmpty();
  }

  @Test
  void fileErrorsAreDescribedInWords() {
    assertThat(ErrorText.of(new AccessDeniedException("/x"))).isEqualTo("permission denied: /x");
    assertThat(ErrorText.of(new NoSuchFileException("/x"))).isEqualTo("no such file or folder: /x");
    assertThat(ErrorText.of(new FileSystemException("/x", null, "No space left on device")))
        .isEqualTo("No space left on device: /x");
    assertThat(ErrorText.of(new IOException("broken pipe"))).isEqualTo("broken pipe");
    assertThat(ErrorText.of(new IOException())).isEqualTo("java.io.IOException");
    assertThat(ErrorText.of(new IllegalStateException("bug")))
        .isEqualTo("java.lang.IllegalStateException: bug");
  }
}
