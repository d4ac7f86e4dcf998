/** Rpcs about the node as a whole: status, runtime config, runtime handlers and features. */
@NullMarked
package io.crirouter.core.internal.node;

import org.jspecify.annotations.NullMarked;
