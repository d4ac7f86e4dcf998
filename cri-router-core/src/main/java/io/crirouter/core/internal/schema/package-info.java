/** The schema of CRI: each rpc with its route, each field with what it refers to. */
@NullMarked
package io.crirouter.core.internal.schema;

import org.jspecify.annotations.NullMarked;
