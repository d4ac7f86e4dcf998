/** Spans of calls, for OpenTelemetry. */
@NullMarked
package io.crirouter.examples.criproxy.tracing;

import org.jspecify.annotations.NullMarked;
