/**
 * Metrics for Prometheus, and answers to probes, over HTTP. The calls are counted by an observer of
 * the router; all else is asked for when Prometheus asks.
 */
@NullMarked
package io.crirouter.examples.criproxy.metrics;

import org.jspecify.annotations.NullMarked;
