/** Which backend answers: one operation per rpc, chosen from the schema. */
@NullMarked
package io.crirouter.core.route;

import org.jspecify.annotations.NullMarked;
