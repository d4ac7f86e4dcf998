/** One operation for each rpc, chosen from the schema: here a call enters. */
@NullMarked
package io.crirouter.core.internal.rpc;

import org.jspecify.annotations.NullMarked;
