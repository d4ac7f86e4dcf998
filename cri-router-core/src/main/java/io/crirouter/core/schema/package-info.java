/** What CRI looks like to the router: rpcs with their routes, fields with what they refer to. */
@NullMarked
package io.crirouter.core.schema;

import org.jspecify.annotations.NullMarked;
