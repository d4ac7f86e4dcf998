/**
 * The load program: runtimes, proxy and client in processes of their own, with UNIX sockets between
 * them, and what it takes to compare the proxy with a direct call and with nginx.
 */
@NullMarked
package io.crirouter.examples.bench.load;

import org.jspecify.annotations.NullMarked;
