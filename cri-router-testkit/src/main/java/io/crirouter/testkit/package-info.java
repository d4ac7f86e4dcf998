/**
 * What tests of cri-router and of its embedders are made with: a runtime in memory ({@link
 * io.crirouter.testkit.FakeRuntime}), any other runtime in the hands of a test ({@link
 * io.crirouter.testkit.TestRuntime}), a router between them ({@link
 * io.crirouter.testkit.RouterExtension}), a client that blocks ({@link
 * io.crirouter.testkit.CriClient}) and a clock that stands still ({@link
 * io.crirouter.testkit.ManualScheduler}).
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
