package io.crirouter.examples.criproxy.bootstrap;

/**
 * The result of a command.
 *
 * @param exitCode its exit code
 * @param output its standard output and standard error
 */
record CommandResult(int exitCode, String output) {
  boolean isOk() {
    return exitCode == 0;
  }
}
