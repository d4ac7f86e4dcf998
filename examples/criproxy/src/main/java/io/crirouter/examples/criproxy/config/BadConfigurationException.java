package io.crirouter.examples.criproxy.config;

import org.jspecify.annotations.Nullable;

/** What the proxy was told to do cannot be done, now or ever: to be mended by whoever told it. */
public final class BadConfigurationException extends Exception {
  private static final long serialVersionUID = 1;

  public BadConfigurationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
