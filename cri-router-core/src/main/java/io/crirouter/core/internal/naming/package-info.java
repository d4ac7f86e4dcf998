/**
 * The owners of ids and image refs, and the translation of ids, image refs, runtime handlers and
 * stream URLs between client and runtimes.
 */
@NullMarked
package io.crirouter.core.internal.naming;

import org.jspecify.annotations.NullMarked;
