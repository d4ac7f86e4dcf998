/**
 * Suites that tell whether an implementation keeps the contract of its interface: extend the one of
 * the interface, and JUnit runs its rules. They need JUnit Jupiter 5.10 or newer and no other
 * library.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit.contract;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
