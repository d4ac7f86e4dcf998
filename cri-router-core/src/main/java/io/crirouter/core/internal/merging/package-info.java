/** Several runtimes, one answer: asking them all at once and merging what they answer. */
@NullMarked
package io.crirouter.core.internal.merging;

import org.jspecify.annotations.NullMarked;
