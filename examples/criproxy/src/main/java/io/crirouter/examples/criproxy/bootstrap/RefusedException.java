package io.crirouter.examples.criproxy.bootstrap;

/** Thrown if a request is refused and nothing was changed. The message says why and what to do. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  RefusedException(String message) {
    super(message);
  }
}
