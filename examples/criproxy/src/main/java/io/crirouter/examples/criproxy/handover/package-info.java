/**
 * The hand-over from one proxy to its successor, without a failed call. The successor subscribes at
 * the admin socket of its predecessor, connects to the runtimes, binds the listen socket by a
 * rename and notifies the predecessor. The predecessor then finishes its calls.
 */
@NullMarked
package io.crirouter.examples.criproxy.handover;

import org.jspecify.annotations.NullMarked;
