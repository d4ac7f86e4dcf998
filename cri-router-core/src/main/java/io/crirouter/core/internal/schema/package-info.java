/** What CRI looks like to the router: rpcs with their routes, fields with what they refer to. */
@NullMarked
package io.crirouter.core.internal.schema;

import org.jspecify.annotations.NullMarked;
