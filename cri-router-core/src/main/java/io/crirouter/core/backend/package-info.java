/** One runtime behind the router: what is known about it, and calls to it. */
@NullMarked
package io.crirouter.core.backend;

import org.jspecify.annotations.NullMarked;
