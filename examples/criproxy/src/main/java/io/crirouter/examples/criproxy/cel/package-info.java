/** Policies that are written as expressions. */
@NullMarked
package io.crirouter.examples.criproxy.cel;

import org.jspecify.annotations.NullMarked;
