/** Tracing of calls with OpenTelemetry. */
@NullMarked
package io.crirouter.examples.criproxy.tracing;

import org.jspecify.annotations.NullMarked;
