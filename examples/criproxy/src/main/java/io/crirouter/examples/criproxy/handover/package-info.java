/**
 * How one proxy takes the place of another without a failed call. The successor asks at the admin
 * socket of its predecessor, connects to the runtimes, binds the listen socket by a rename, and
 * tells the predecessor, which then finishes its calls.
 */
@NullMarked
package io.crirouter.examples.criproxy.handover;

import org.jspecify.annotations.NullMarked;
