/** What survives a restart of the router. */
@NullMarked
package io.crirouter.core.state;

import org.jspecify.annotations.NullMarked;
