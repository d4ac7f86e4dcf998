/** Helpers for calls: collecting a response, pacing its delivery, calls in several steps. */
@NullMarked
package io.crirouter.core.internal.call;

import org.jspecify.annotations.NullMarked;
