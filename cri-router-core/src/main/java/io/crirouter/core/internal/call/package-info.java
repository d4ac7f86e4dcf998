/** What every call needs: collecting an answer, pacing it, and being several calls in a row. */
@NullMarked
package io.crirouter.core.internal.call;

import org.jspecify.annotations.NullMarked;
