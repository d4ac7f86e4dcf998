package io.crirouter.examples.criproxy.bootstrap;

import java.time.Duration;
import java.util.Map;

/**
 * What an operator asks for.
 *
 * @param runtimes the sockets of further runtimes, by name
 * @param handlers names of runtimes, by runtime handler
 * @param revertAfter how long after the endpoint is changed all is reverted, if it was not
 *     committed
 * @param settle how long the kubelet is watched after its restart
 */
record InstallOptions(
    Map<String, String> runtimes,
    Map<String, String> handlers,
    Duration revertAfter,
    Duration settle) {
  static final InstallOptions DEFAULT =
      new InstallOptions(Map.of(), Map.of(), Duration.ofMinutes(10), Duration.ofSeconds(20));
}
