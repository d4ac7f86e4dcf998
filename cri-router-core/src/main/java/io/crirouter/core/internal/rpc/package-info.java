/** One operation for each rpc, chosen by the schema. Every call enters here. */
@NullMarked
package io.crirouter.core.internal.rpc;

import org.jspecify.annotations.NullMarked;
