/** Which backend a call is for: by where pods are, by policy, by image. */
@NullMarked
package io.crirouter.core.internal.routing;

import org.jspecify.annotations.NullMarked;
