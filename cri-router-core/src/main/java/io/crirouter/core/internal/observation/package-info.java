/** What the observers of calls are told. */
@NullMarked
package io.crirouter.core.internal.observation;

import org.jspecify.annotations.NullMarked;
