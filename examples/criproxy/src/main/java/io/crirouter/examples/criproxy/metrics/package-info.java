/**
 * Metrics for Prometheus, and liveness and readiness probes, over HTTP. An observer of the router
 * counts calls. All other values are read at each scrape.
 */
@NullMarked
package io.crirouter.examples.criproxy.metrics;

import org.jspecify.annotations.NullMarked;
