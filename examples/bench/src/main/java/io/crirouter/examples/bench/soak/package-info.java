/** The soak: a proxy with faulty runtimes for minutes, and a client that must not notice them. */
@NullMarked
package io.crirouter.examples.bench.soak;

import org.jspecify.annotations.NullMarked;
