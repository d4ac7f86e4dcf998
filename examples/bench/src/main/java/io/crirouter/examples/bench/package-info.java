/** What the benchmarks have in common: the containers that runtimes pretend to have. */
@NullMarked
package io.crirouter.examples.bench;

import org.jspecify.annotations.NullMarked;
