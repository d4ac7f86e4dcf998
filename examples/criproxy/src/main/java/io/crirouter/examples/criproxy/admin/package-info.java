/** The admin socket of a running proxy, and the commands that use it. */
@NullMarked
package io.crirouter.examples.criproxy.admin;

import org.jspecify.annotations.NullMarked;
