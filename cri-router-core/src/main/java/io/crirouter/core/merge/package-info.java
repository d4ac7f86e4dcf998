/** Several runtimes, one answer: asking them all at once and merging what they say. */
@NullMarked
package io.crirouter.core.merge;

import org.jspecify.annotations.NullMarked;
