/**
 * Routes calls of the Kubernetes Container Runtime Interface (CRI) to several runtimes on one node.
 *
 * <p>{@link io.crirouter.core.CriRouter} takes calls and sends each to one or more {@link
 * io.crirouter.core.RuntimeBackend}s: new pods by a {@link io.crirouter.core.RoutingPolicy},
 * existing objects by an {@link io.crirouter.core.IdStrategy}. The module does not use gRPC, open
 * sockets or start threads.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.core;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
