/**
 * What a runtime had when it was last heard of, so that its pods are not mistaken for gone while it
 * does not answer.
 */
@NullMarked
package io.crirouter.core.lastknown;

import org.jspecify.annotations.NullMarked;
