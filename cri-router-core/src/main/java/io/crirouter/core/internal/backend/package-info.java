/**
 * One runtime behind the router: its health, the gate, the calls to it, replacements for rpcs that
 * it lacks.
 */
@NullMarked
package io.crirouter.core.internal.backend;

import org.jspecify.annotations.NullMarked;
