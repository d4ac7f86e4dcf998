/** JMH benchmarks of the core, without sockets: routing, rewriting and merging of bytes. */
@NullMarked
package io.crirouter.examples.bench.core;

import org.jspecify.annotations.NullMarked;
