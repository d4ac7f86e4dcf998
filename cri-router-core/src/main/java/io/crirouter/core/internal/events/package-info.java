/** Container events of all runtimes as one stream. */
@NullMarked
package io.crirouter.core.internal.events;

import org.jspecify.annotations.NullMarked;
