package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Instant;

/**
 * Formats entries as one JSON object in each line: {@code time}, {@code level}, {@code logger},
 * {@code message}, the {@linkplain LogField fields} of the entry, and {@code stack} if there is
 * one.
 *
 * @param isForJournal whether to prefix lines with their priority for the journal
 */
record JsonLines(boolean isForJournal) implements LineFormat {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  @Override
  public byte[] entry(LogEntry entry) {
    JsonObject line = start(entry.time(), entry.level(), entry.logger(), entry.line());
    for (LogField field : entry.fields()) {
      if (field.value() instanceof Number number) {
        line.addProperty(field.name(), number);
      } else {
        line.addProperty(field.name(), CleanText.of(field.toString(), LogEntry.MAX_TEXT_BYTES));
      }
    }
    if (!entry.frames().isEmpty()) {
      JsonArray stack = new JsonArray();
      entry.frames().forEach(stack::add);
      line.add("stack", stack);
    }
    return bytes(entry.level(), line);
  }

  @Override
  public byte[] printed(String text) {
    System.Logger.Level level = System.Logger.Level.ERROR;
    return bytes(level, start(Instant.now(), level, "stderr", text));
  }

  private static JsonObject start(
      Instant time, System.Logger.Level level, String logger, String message) {
    JsonObject line = new JsonObject();
    line.addProperty("time", time.toString());
    line.addProperty("level", LogEntry.name(level));
    line.addProperty("logger", logger);
    line.addProperty("message", message);
    return line;
  }

  private byte[] bytes(System.Logger.Level level, JsonObject line) {
    byte[] bytes = (GSON.toJson(line) + "\n").getBytes(UTF_8);
    return isForJournal ? LineFormat.withPriority(level, bytes) : bytes;
  }
}
