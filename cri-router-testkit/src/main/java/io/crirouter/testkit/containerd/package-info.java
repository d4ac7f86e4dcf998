/**
 * Real containerd daemons for tests: side by side, each with its own folders, sockets, bridge and
 * images, and removed without a trace.
 *
 * <p>Start with {@link io.crirouter.testkit.containerd.ContainerdEnvironment} to learn whether this
 * machine can run them, then use {@link io.crirouter.testkit.containerd.ContainerdPair}. Everything
 * here needs root on Linux; it uses the JDK alone and speaks no CRI beyond a readiness probe.
 */
@NullMarked
package io.crirouter.testkit.containerd;

import org.jspecify.annotations.NullMarked;
