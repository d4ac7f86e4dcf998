/**
 * What each runtime has, as far as anything it answered or told has shown: the only memory of the
 * router. Everything in it is in the runtime's own language.
 */
@NullMarked
package io.crirouter.core.internal.inventory;

import org.jspecify.annotations.NullMarked;
