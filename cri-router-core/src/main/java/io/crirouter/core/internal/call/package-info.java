/**
 * Helpers for calls: limits, collecting a response, pacing its delivery, calls in several steps,
 * calls of code that embedders wrote.
 */
@NullMarked
package io.crirouter.core.internal.call;

import org.jspecify.annotations.NullMarked;
