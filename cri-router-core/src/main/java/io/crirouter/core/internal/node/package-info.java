/** What is about the node as a whole: its status, its config, what its runtimes can do. */
@NullMarked
package io.crirouter.core.internal.node;

import org.jspecify.annotations.NullMarked;
