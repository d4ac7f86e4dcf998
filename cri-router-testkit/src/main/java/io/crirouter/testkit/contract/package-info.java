/**
 * Test suites for implementations of the interfaces of cri-router: extend the suite of the
 * interface, and JUnit runs it. They need JUnit Jupiter 5.10 or newer and no other library.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit.contract;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
