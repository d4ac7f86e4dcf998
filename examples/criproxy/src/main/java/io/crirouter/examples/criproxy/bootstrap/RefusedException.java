package io.crirouter.examples.criproxy.bootstrap;

/** What was asked for is not done, and nothing was changed. The message says why and what to do. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  RefusedException(String message) {
    super(message);
  }
}
