/**
 * CRI over gRPC, on UNIX sockets: {@link io.crirouter.grpc.CriServer} serves any {@link
 * io.crirouter.core.RuntimeBackend}, {@link io.crirouter.grpc.GrpcBackend} is one behind a socket,
 * and {@link io.crirouter.grpc.GrpcServiceBackend} makes one of a gRPC service in this process.
 *
 * <p>Messages stay bytes here; nothing in this package decides where a call goes.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.grpc;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
