/** Whose is it: ids and names as runtimes know them, and as the client sees them. */
@NullMarked
package io.crirouter.core.identity;

import org.jspecify.annotations.NullMarked;
