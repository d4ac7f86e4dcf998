package io.crirouter.examples.criproxy.config;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * The configuration of a runtime.
 *
 * @param name the name that pods and image names use
 * @param socket the socket of the runtime
 * @param options its options in the router
 * @param connectTimeout how long a call waits for the connection
 * @param maxResponseBytes the limit for a response
 * @param origin the place of its socket in the configuration
 * @param source the configuration that this was read from, with the defaults
 */
public record BackendConfig(
    BackendName name,
    Path socket,
    BackendOptions options,
    Duration connectTimeout,
    int maxResponseBytes,
    Origin origin,
    ConfigNode.Table source) {
  /** The keys whose value differs in {@code other}. */
  public Set<String> differences(BackendConfig other) {
    return ConfigDifference.keys(source, other.source);
  }
}
