/** Routing policies as CEL expressions. */
@NullMarked
package io.crirouter.examples.criproxy.cel;

import org.jspecify.annotations.NullMarked;
