/** Calls to several backends at once, whose responses are merged into one. */
@NullMarked
package io.crirouter.core.internal.merging;

import org.jspecify.annotations.NullMarked;
