/** Seeing inside a running proxy: its admin socket, and the commands that ask it. */
@NullMarked
package io.crirouter.examples.criproxy.admin;

import org.jspecify.annotations.NullMarked;
