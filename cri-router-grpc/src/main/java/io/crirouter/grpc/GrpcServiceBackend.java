package io.crirouter.grpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.versions.V1Alpha2;
import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * A runtime in this JVM: gRPC services as a runtime's authors write them, on classes generated from
 * the upstream description of CRI v1 or v1alpha2, called without a socket.
 *
 * <pre>{@code
 * RuntimeBackend vms =
 *     GrpcServiceBackend.of(executor, new VmRuntimeService(), new VmImageService());
 * }</pre>
 *
 * <p>The services see what they would see behind a gRPC server: request headers, a {@link
 * io.grpc.Context} with the deadline, cancellation, {@code isReady} and {@code onReady}. They run
 * on the executor, which they may block, and which must not be an event loop then. A service that
 * sends a stream without a look at {@code isReady} to a client that does not read is cut off when
 * {@value ServiceCall#MAX_QUEUED_BYTES} bytes are waiting. An rpc that no service has is
 * UNIMPLEMENTED.
 */
public final class GrpcServiceBackend implements RuntimeBackend {
  private final Executor executor;
  private final List<String> services;
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();

  private GrpcServiceBackend(Executor executor, Collection<ServerServiceDefinition> definitions) {
    this.executor = requireNonNull(executor, "executor");
    this.services =
        definitions.stream().map(service -> service.getServiceDescriptor().getName()).toList();
    requireCri(services);
    for (ServerServiceDefinition service : definitions) {
      service
          .getMethods()
          .forEach(method -> methods.put(method.getMethodDescriptor().getFullMethodName(), method));
    }
  }

  /**
   * A backend for {@code services}, which stay the caller's own, as does {@code executor}.
   *
   * @throws IllegalArgumentException if one of them is no service of CRI v1 or v1alpha2
   */
  public static GrpcServiceBackend of(Executor executor, BindableService... services) {
    return of(executor, Arrays.stream(services).map(BindableService::bindService).toList());
  }

  /**
   * A backend for services that are bound already, with interceptors for instance.
   *
   * @throws IllegalArgumentException if one of them is no service of CRI v1 or v1alpha2
   */
  public static GrpcServiceBackend of(
      Executor executor, Collection<ServerServiceDefinition> services) {
    return new GrpcServiceBackend(executor, services);
  }

  private static void requireCri(List<String> names) {
    Set<String> known = new HashSet<>();
    for (ApiVersion version : ApiVersion.values()) {
      CriMethod.all().forEach(method -> known.add(serviceOf(method.path(version.wireName()))));
    }
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "'" + name + "' is no service of CRI; there are " + known.stream().sorted().toList());
      }
    }
  }

  private static String serviceOf(String path) {
    return path.substring(0, path.indexOf('/'));
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    for (ApiVersion version : ApiVersion.values()) {
      ServerMethodDefinition<?, ?> method = methods.get(request.method().path(version.wireName()));
      if (method != null) {
        return start(method, version, request, listener);
      }
    }
    return end(
        listener,
        RpcStatus.fromRuntime(
            Code.UNIMPLEMENTED,
            "the runtime has no rpc " + request.method().name(),
            CallMetadata.EMPTY));
  }

  private RuntimeCall start(
      ServerMethodDefinition<?, ?> method,
      ApiVersion version,
      CriRequest request,
      ResponseListener listener) {
    try {
      ByteString message =
          version == ApiVersion.V1ALPHA2
              ? V1Alpha2.downgrade(request.method(), request.message())
              : request.message();
      return ServiceCall.start(method, request.withMessage(message), listener, executor);
    } catch (RpcException e) {
      return end(listener, e.status());
    }
  }

  private static RuntimeCall end(ResponseListener listener, RpcStatus status) {
    listener.onClose(status);
    return RuntimeCall.ENDED;
  }

  @Override
  public String toString() {
    return "GrpcServiceBackend(" + String.join(", ", services) + ")";
  }
}
