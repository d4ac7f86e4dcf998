/** Common parts of the benchmarks: sample containers, processes of runtimes, usage of processes. */
@NullMarked
package io.crirouter.examples.bench;

import org.jspecify.annotations.NullMarked;
