/** Ids, image names and runtime handlers on both sides of the router, and whose they are. */
@NullMarked
package io.crirouter.core.internal.naming;

import org.jspecify.annotations.NullMarked;
