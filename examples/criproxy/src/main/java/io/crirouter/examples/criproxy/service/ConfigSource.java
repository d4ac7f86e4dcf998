package io.crirouter.examples.criproxy.service;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;

/** Reads the configuration, anew at each call. */
@FunctionalInterface
public interface ConfigSource {
  /**
   * Reads the configuration and checks it on this machine.
   *
   * @throws BadConfigurationException if it cannot be read or cannot work; the message has all
   *     errors
   */
  ProxyConfig read() throws BadConfigurationException;
}
