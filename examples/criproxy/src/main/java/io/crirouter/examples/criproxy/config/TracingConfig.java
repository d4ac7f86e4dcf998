package io.crirouter.examples.criproxy.config;

import java.net.SocketAddress;

/**
 * The configuration of tracing. Immutable.
 *
 * @param endpoint the address of a collector for OTLP over gRPC, in plain text
 * @param samplingRatio the share of sampled calls, if the client has made no sampling decision
 * @param serviceName the service name of the spans
 */
public record TracingConfig(SocketAddress endpoint, double samplingRatio, String serviceName) {}
