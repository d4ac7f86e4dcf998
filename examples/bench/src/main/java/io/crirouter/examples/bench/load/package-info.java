/**
 * The load program. It compares the proxy with a direct call and with nginx. Runtimes, proxy and
 * client are processes with UNIX sockets between them.
 */
@NullMarked
package io.crirouter.examples.bench.load;

import org.jspecify.annotations.NullMarked;
