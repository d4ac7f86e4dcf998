/** The choice of a backend for new pods and for images, and the removal of backends. */
@NullMarked
package io.crirouter.core.internal.routing;

import org.jspecify.annotations.NullMarked;
