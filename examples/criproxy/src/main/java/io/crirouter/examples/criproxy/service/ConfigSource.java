package io.crirouter.examples.criproxy.service;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;

/** Where the configuration is read from, each time anew. */
@FunctionalInterface
public interface ConfigSource {
  /**
   * What is to hold now, checked for this machine too.
   *
   * @throws BadConfigurationException if it cannot be read or cannot work; says all that is wrong
   */
  ProxyConfig read() throws BadConfigurationException;
}
