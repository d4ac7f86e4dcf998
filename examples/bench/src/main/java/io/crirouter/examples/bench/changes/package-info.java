/**
 * Whether a client notices that the proxy is given another configuration, hands over to a
 * successor, and loses and gets back a runtime.
 */
@NullMarked
package io.crirouter.examples.bench.changes;

import org.jspecify.annotations.NullMarked;
