package io.crirouter.examples.criproxy;

import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;

/** The account of the demo: a line for each call, and whether it was as it should be. */
final class Ledger {
  private static final String LINE = "  %-18s %-26s %-43s %s%n";
  private static final Pattern LONG_ID =
      Pattern.compile("\\b((?:[a-z0-9]{1,4}__)?[0-9a-f]{8})[0-9a-f]{24,}");

  private final PrintWriter out;
  private int calls;
  private int wrong;

  Ledger(PrintWriter out) {
    this.out = out;
  }

  /** Begins a chapter. */
  void chapter(String title) {
    out.printf("%n%s%n", title);
    out.printf(LINE, "the kubelet calls", "about", "goes to, which knows it as", "and answers");
  }

  /** Writes one call down. */
  void call(String rpc, String about, List<String> runtimes, String idThere, String answer) {
    calls++;
    String arrived = runtimes.isEmpty() ? "nobody" : String.join(", ", runtimes);
    String named = idThere.isEmpty() ? arrived : arrived + ": " + idThere;
    out.printf(LINE, rpc, shorten(about), shorten(named), shorten(answer));
    out.flush();
  }

  /** Says that the last call was not as it should be. */
  void wrong(String why) {
    wrong++;
    out.printf("  WRONG: %s%n", why);
  }

  /** Ids as crictl shows them. */
  static String shorten(String text) {
    return LONG_ID.matcher(text).replaceAll("$1…");
  }

  /**
   * The last line; true if all was well.
   *
   * @param end what is true then besides
   */
  boolean conclude(String end) {
    if (wrong == 0) {
      out.printf("%nAll %d calls went where they should, and %s.%n", calls, end);
    } else {
      out.printf("%n%d of %d calls were not as they should be: see WRONG above.%n", wrong, calls);
    }
    out.flush();
    return wrong == 0;
  }
}
