package io.crirouter.testkit;

import io.crirouter.core.RpcStatus;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Formats the calls of a journal as text. */
final class Timeline {
  /** The maximum number of calls shown. */
  static final int SHOWN_CALLS = 200;

  /** The length of ids in crictl. */
  private static final int ID_CHARACTERS = 13;

  private static final int MAX_MESSAGE = 160;

  private Timeline() {}

  static String of(List<RecordedCall> calls) {
    if (calls.isEmpty()) {
      return "no calls";
    }
    int first = Math.max(0, calls.size() - SHOWN_CALLS);
    List<RecordedCall> shown = calls.subList(first, calls.size());
    int width = shown.stream().mapToInt(call -> call.place().length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    if (first > 0) {
      text.append("(").append(first).append(" earlier calls)\n");
    }
    long begin = calls.get(0).startedAt();
    for (RecordedCall call : shown) {
      text.append(line(call, begin, width)).append('\n');
    }
    return text.substring(0, text.length() - 1);
  }

  private static String line(RecordedCall call, long begin, int width) {
    long millis = TimeUnit.NANOSECONDS.toMillis(call.startedAt() - begin);
    String place = call.place() + " ".repeat(width - call.place().length());
    String subject = shorten(call.subject());
    return String.format(
        Locale.ROOT,
        "%6d ms  %s  %s%s -> %s",
        millis,
        place,
        call.name(),
        subject.isEmpty() ? "" : " " + subject,
        call.status().map(Timeline::describe).orElse("open") + took(call));
  }

  private static String took(RecordedCall call) {
    return " (" + call.duration().toMillis() + " ms)";
  }

  /** The status in one line. */
  private static String describe(RpcStatus status) {
    String text = status.toString().lines().findFirst().orElse("");
    return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE) + "…";
  }

  /** Ids as crictl shows them, after their prefix. */
  private static String shorten(String subject) {
    int start = subject.indexOf("__") + 2;
    int from = start < 2 ? 0 : start;
    boolean isId = subject.substring(from).matches("(sha256:)?[0-9a-f]{32,}");
    int length = from + ID_CHARACTERS;
    return isId && subject.length() > length ? subject.substring(0, length) + "…" : subject;
  }
}
