package io.crirouter.examples.criproxy;

import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;

/** The printed report of the demo: a line for each call, and each mismatch. */
final class DemoReport {
  private static final String LINE = "  %-18s %-26s %-43s %s%n";
  private static final Pattern LONG_ID =
      Pattern.compile("\\b((?:[a-z0-9]{1,4}__)?[0-9a-f]{8})[0-9a-f]{24,}");

  private final PrintWriter out;
  private int calls;
  private int mismatches;

  DemoReport(PrintWriter out) {
    this.out = out;
  }

  /** Prints the title of a section and the header of its table. */
  void section(String title) {
    out.printf("%n%s%n", title);
    out.printf(LINE, "the kubelet calls", "about", "goes to, which knows it as", "and answers");
  }

  /**
   * Prints one call.
   *
   * @param subject the pod, id or image that it is about
   * @param runtimes the runtimes that received it
   * @param runtimeId the id in the request that they received; empty if it has none
   */
  void call(String rpc, String subject, List<String> runtimes, String runtimeId, String answer) {
    calls++;
    String receivers = runtimes.isEmpty() ? "no runtime" : String.join(", ", runtimes);
    String received = runtimeId.isEmpty() ? receivers : receivers + ": " + runtimeId;
    out.printf(LINE, rpc, shorten(subject), shorten(received), shorten(answer));
    out.flush();
  }

  /** Reports that the last call did not go as expected. */
  void mismatch(String why) {
    mismatches++;
    out.printf("  WRONG: %s%n", why);
  }

  /** Shortens ids as crictl does. */
  static String shorten(String text) {
    return LONG_ID.matcher(text).replaceAll("$1…");
  }

  /**
   * Prints the last line.
   *
   * @param end what is true at the end if there was no mismatch
   * @return whether there was no mismatch
   */
  boolean conclude(String end) {
    if (mismatches == 0) {
      out.printf("%nAll %d calls went where they should, and %s.%n", calls, end);
    } else {
      out.printf("%n%d of %d calls did not go as expected: see WRONG above.%n", mismatches, calls);
    }
    out.flush();
    return mismatches == 0;
  }
}
