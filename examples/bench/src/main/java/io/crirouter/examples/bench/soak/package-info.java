/**
 * The soak: a proxy among runtimes that behave badly, for minutes, beside a client that must not
 * notice.
 */
@NullMarked
package io.crirouter.examples.bench.soak;

import org.jspecify.annotations.NullMarked;
