package io.crirouter.examples.criproxy.bootstrap;

/**
 * How a command ended.
 *
 * @param exitCode its exit code
 * @param output what it printed, errors too
 */
record CommandResult(int exitCode, String output) {
  boolean isOk() {
    return exitCode == 0;
  }
}
