/**
 * The last known state of each runtime, learned from its responses and events, with the runtime's
 * own ids and names. It is kept nowhere else.
 */
@NullMarked
package io.crirouter.core.internal.inventory;

import org.jspecify.annotations.NullMarked;
