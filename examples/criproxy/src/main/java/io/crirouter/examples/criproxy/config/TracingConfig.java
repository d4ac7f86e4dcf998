package io.crirouter.examples.criproxy.config;

import java.net.SocketAddress;

/**
 * Where spans of calls go. Immutable.
 *
 * @param endpoint where a collector takes OTLP over gRPC, in plain text
 * @param samplingRatio the share of calls with spans, of those whose client does not decide it
 * @param serviceName what the spans are of
 */
public record TracingConfig(SocketAddress endpoint, double samplingRatio, String serviceName) {}
