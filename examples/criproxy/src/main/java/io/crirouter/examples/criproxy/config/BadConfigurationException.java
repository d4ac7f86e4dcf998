package io.crirouter.examples.criproxy.config;

import org.jspecify.annotations.Nullable;

/** Thrown if the configuration or the command line is wrong. The user must correct it. */
public final class BadConfigurationException extends Exception {
  private static final long serialVersionUID = 1;

  public BadConfigurationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
