/** Whose each pod sandbox and container is where ids do not tell: learned from what passes. */
@NullMarked
package io.crirouter.core.owners;

import org.jspecify.annotations.NullMarked;
