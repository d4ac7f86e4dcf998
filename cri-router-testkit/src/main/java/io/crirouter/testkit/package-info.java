/**
 * Test tools for cri-router and its embedders: a runtime in memory ({@link
 * io.crirouter.testkit.FakeRuntime}), fault injection for any runtime ({@link
 * io.crirouter.testkit.TestRuntime}), a JUnit extension that runs a router ({@link
 * io.crirouter.testkit.RouterExtension}), a blocking client ({@link
 * io.crirouter.testkit.CriClient}) and a simulated clock ({@link
 * io.crirouter.testkit.ManualScheduler}).
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
