package io.crirouter.examples.criproxy.config;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * A runtime behind the proxy.
 *
 * @param name how pods and image names call it
 * @param socket where it listens
 * @param options what the router needs to know about it
 * @param connectTimeout how long a call waits for the connection
 * @param maxResponseBytes how large a response may be
 * @param origin where the configuration names its socket
 * @param source what all this was read from, with the defaults
 */
public record BackendConfig(
    BackendName name,
    Path socket,
    BackendOptions options,
    Duration connectTimeout,
    int maxResponseBytes,
    Origin origin,
    ConfigNode.Table source) {
  /** The keys that {@code other} has another value for. */
  public Set<String> differences(BackendConfig other) {
    return ConfigDifference.keys(source, other.source);
  }
}
