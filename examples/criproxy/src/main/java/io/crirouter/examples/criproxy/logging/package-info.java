/** The proxy's log: formats, rate limits, and a writer that never blocks a caller. */
@NullMarked
package io.crirouter.examples.criproxy.logging;

import org.jspecify.annotations.NullMarked;
