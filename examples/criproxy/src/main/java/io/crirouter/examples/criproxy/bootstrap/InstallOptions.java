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
 * @param patience how long the kubelet may take to get well after its restart
 * @param settle how long it is watched then
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
