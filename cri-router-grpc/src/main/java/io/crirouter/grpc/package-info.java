/**
 * CRI over gRPC, on UNIX sockets. {@link io.crirouter.grpc.CriServer} serves any {@link
 * io.crirouter.core.RuntimeBackend}. {@link io.crirouter.grpc.GrpcBackend} is a runtime behind a
 * socket. {@link io.crirouter.grpc.GrpcServiceBackend} is a runtime of gRPC services in this
 * process.
 *
 * <p>Messages stay bytes. No code in this package decides where a call goes.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.grpc;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
