package io.crirouter.examples.node;

import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kubelet has complained of since a moment.
 *
 * @param from where its log had ended then
 */
record KubeletLog(Kubelet kubelet, int from) {
  /** Level, date, time, thread, file and line. */
  private static final Pattern COMPLAINT =
      Pattern.compile(
          "^([WEF])\\d{4} [0-9:.]+ +\\d+ ([a-z0-9_]+\\.go):\\d+\\] (.*)$", Pattern.MULTILINE);

  /** From now on. */
  static KubeletLog startingNow(Kubelet kubelet) {
    return new KubeletLog(kubelet, kubelet.log().length());
  }

  /** Its warnings and errors in a normal form. */
  SortedSet<String> complaints() {
    SortedSet<String> complaints = new TreeSet<>();
    Matcher matcher = COMPLAINT.matcher(kubelet.log());
    int at = from;
    while (matcher.find(at)) {
      complaints.add(
          NormalText.of(
              "%s %s %s".formatted(matcher.group(1), matcher.group(2), matcher.group(3))));
      at = matcher.end();
    }
    return complaints;
  }
}
