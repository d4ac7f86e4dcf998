package io.crirouter.testkit;

/** Exit codes of processes that the runtime ends with a signal: 128 plus the signal number. */
final class ExitCodes {
  static final int KILLED = 128 + 9;
  static final int TERMINATED = 128 + 15;

  private ExitCodes() {}
}
