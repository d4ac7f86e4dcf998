package io.crirouter.examples.criproxy.bootstrap;

import java.time.Duration;
import java.util.Map;

/**
 * The options of an installation.
 *
 * @param runtimes the sockets of other runtimes, by name
 * @param handlers the names of runtimes, by runtime handler
 * @param revertAfter when the timer reverts an installation that is not committed
 * @param patience how long to wait for a healthy kubelet after its restart
 * @param settle how long to watch the kubelet then
 */
record InstallOptions(
    Map<String, String> runtimes,
    Map<String, String> handlers,
    Duration revertAfter,
    Duration patience,
    Duration settle) {
  static final InstallOptions DEFAULT =
      new InstallOptions(
          Map.of(),
          Map.of(),
          Duration.ofMinutes(10),
          Duration.ofMinutes(3),
          Duration.ofSeconds(20));
}
