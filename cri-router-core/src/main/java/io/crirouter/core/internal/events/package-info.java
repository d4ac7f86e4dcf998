/** The container events of all runtimes in one stream. */
@NullMarked
package io.crirouter.core.internal.events;

import org.jspecify.annotations.NullMarked;
