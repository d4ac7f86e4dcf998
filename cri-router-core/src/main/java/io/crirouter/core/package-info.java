/**
 * Routes the calls of the Kubernetes Container Runtime Interface (CRI) among several runtimes on
 * one node.
 *
 * <p>{@link io.crirouter.core.CriRouter} takes calls and gives each to one or more {@link
 * io.crirouter.core.RuntimeBackend}s: new pods by a {@link io.crirouter.core.RoutingPolicy}, what
 * exists by an {@link io.crirouter.core.IdStrategy}. Nothing here knows gRPC, opens a socket or
 * starts a thread.
 */
@NullMarked
package io.crirouter.core;

import org.jspecify.annotations.NullMarked;
