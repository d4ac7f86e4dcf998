/**
 * One runtime behind the router: its health, the gate to it, calls to it, what it lacks and we add.
 */
@NullMarked
package io.crirouter.core.internal.backend;

import org.jspecify.annotations.NullMarked;
