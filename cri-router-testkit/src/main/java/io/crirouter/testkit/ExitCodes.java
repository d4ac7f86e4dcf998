package io.crirouter.testkit;

/** How processes of a fake end when the runtime ends them: 128 and the number of the signal. */
final class ExitCodes {
  static final int KILLED = 128 + 9;
  static final int TERMINATED = 128 + 15;

  private ExitCodes() {}
}
