/**
 * Shows whether clients notice that the proxy reloads its configuration, hands over to a successor,
 * or loses a runtime that restarts.
 */
@NullMarked
package io.crirouter.examples.bench.changes;

import org.jspecify.annotations.NullMarked;
