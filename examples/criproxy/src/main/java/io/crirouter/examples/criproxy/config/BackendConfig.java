package io.crirouter.examples.criproxy.config;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A runtime behind the proxy.
 *
 * @param name how pods and image names call it
 * @param socket where it listens
 * @param options what the router needs to know about it
 * @param connectTimeout how long a call waits for the connection
 * @param maxResponseBytes how large a response may be
 * @param origin where the configuration names its socket
 */
public record BackendConfig(
    BackendName name,
    Path socket,
    BackendOptions options,
    Duration connectTimeout,
    int maxResponseBytes,
    Origin origin) {}
