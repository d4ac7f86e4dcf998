/** The proxy's log: what it says, how much of it, and that it never waits for whoever reads it. */
@NullMarked
package io.crirouter.examples.criproxy.logging;

import org.jspecify.annotations.NullMarked;
