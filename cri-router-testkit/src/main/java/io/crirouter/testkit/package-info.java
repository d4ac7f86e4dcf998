/**
 * What tests of cri-router and of its embedders are made with: a runtime in memory ({@link
 * io.crirouter.testkit.FakeRuntime}), a client that blocks ({@link io.crirouter.testkit.CriClient})
 * and a clock that stands still ({@link io.crirouter.testkit.ManualScheduler}).
 */
@NullMarked
package io.crirouter.testkit;

import org.jspecify.annotations.NullMarked;
