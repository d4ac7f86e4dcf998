/** Container events of all runtimes as one stream. */
@NullMarked
package io.crirouter.core.events;

import org.jspecify.annotations.NullMarked;
