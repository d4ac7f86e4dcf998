package io.crirouter.grpc;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
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
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.versions.V1Alpha2;
import io.grpc.BindableService;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * A runtime in this JVM. Its gRPC services, on classes generated from the upstream definition of
 * CRI v1 or v1alpha2, are called without a socket.
 *
 * <pre>{@code
 * RuntimeBackend vms =
 *     GrpcServiceBackend.builder()
 *         .executor(executor)
 *         .address("the VMs of this process")
 *         .service(new VmRuntimeService())
 *         .service(new VmImageService())
 *         .build();
 * }</pre>
 *
 * <p>The services see the same as behind a gRPC server: request headers, a {@link io.grpc.Context}
 * with the deadline, cancellation, {@code isReady} and {@code onReady}. They run on the executor.
 * If they block, it must not be an event loop. A service that sends a stream without checking
 * {@code isReady} is cancelled when 64 MiB are unread. An rpc that no service has is UNIMPLEMENTED.
 * The backend has no thread of its own and needs no close.
 */
public final class GrpcServiceBackend implements RuntimeBackend {
  private final Executor executor;
  private final ScheduledExecutorService timer;
  private final String address;
  private final List<String> services;
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();

  private GrpcServiceBackend(Builder builder, Executor executor) {
    this.executor = executor;
    this.timer = new ContextTimer(builder.scheduler);
    this.address = builder.address;
    this.services = builder.services.stream().map(GrpcServiceBackend::name).toList();
    for (ServerServiceDefinition service : builder.services) {
      service
          .getMethods()
          .forEach(method -> methods.put(method.getMethodDescriptor().getFullMethodName(), method));
    }
  }

  /** A builder of a backend without services. */
  public static Builder builder() {
    return new Builder();
  }

  private static String name(ServerServiceDefinition service) {
    return service.getServiceDescriptor().getName();
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
            address + " has no " + request.method().name(),
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
      return ServiceCall.start(
          method, request.withMessage(message), listener, address, executor, timer);
    } catch (RpcException e) {
      return end(listener, e.status());
    }
  }

  private static RuntimeCall end(ResponseListener listener, RpcStatus status) {
    listener.onClose(status);
    return RuntimeCall.ENDED;
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public String toString() {
    return "GrpcServiceBackend(" + address + ", " + String.join(", ", services) + ")";
  }

  /** Collects the services of a {@link GrpcServiceBackend}. Not thread-safe. */
  public static final class Builder {
    private static final Set<String> KNOWN = services();

    private final List<ServerServiceDefinition> services = new ArrayList<>();
    private @Nullable Executor executor;
    private @Nullable Scheduler scheduler;
    private String address = "in process";

    private Builder() {}

    private static Set<String> services() {
      Set<String> known = new TreeSet<>();
      for (ApiVersion version : ApiVersion.values()) {
        CriMethod.all().forEach(method -> known.add(serviceOf(method.path(version.wireName()))));
      }
      return known;
    }

    /**
     * Adds a service. The caller still owns it.
     *
     * @throws IllegalArgumentException if it is no service of CRI v1 or v1alpha2, or if there is a
     *     service of that name already
     */
    @CanIgnoreReturnValue
    public Builder service(BindableService service) {
      return service(service.bindService());
    }

    /**
     * Adds a service that is bound already, for example with interceptors.
     *
     * @throws IllegalArgumentException if it is no service of CRI v1 or v1alpha2, or if there is a
     *     service of that name already
     */
    @CanIgnoreReturnValue
    public Builder service(ServerServiceDefinition service) {
      String name = name(service);
      if (!KNOWN.contains(name)) {
        throw new IllegalArgumentException(
            "'" + name + "' is no service of CRI; there are " + KNOWN);
      }
      if (services.stream().anyMatch(other -> name(other).equals(name))) {
        throw new IllegalArgumentException("there is a service " + name + " already");
      }
      services.add(service);
      return this;
    }

    /**
     * The executor that runs the services, which may block it. The caller still owns it: the
     * backend never shuts it down. If it rejects a call, the call ends as that of an unreachable
     * runtime.
     */
    @CanIgnoreReturnValue
    public Builder executor(Executor value) {
      executor = requireNonNull(value, "executor");
      return this;
    }

    /** Runs services on the thread of the caller. They must not block. */
    @CanIgnoreReturnValue
    public Builder direct() {
      executor = Runnable::run;
      return this;
    }

    /**
     * The scheduler that ends calls at their deadline, with DEADLINE_EXCEEDED and a cancelled
     * context. Without one the caller has to do that, as the router and a {@code CriServer} do.
     */
    @CanIgnoreReturnValue
    public Builder scheduler(Scheduler value) {
      scheduler = requireNonNull(value, "scheduler");
      return this;
    }

    /**
     * The name of this runtime in messages, {@code "in process"} by default. With a state file it
     * should be unique and never change: it identifies the runtime after a restart.
     */
    @CanIgnoreReturnValue
    public Builder address(String value) {
      address = requireNonNull(value, "address");
      return this;
    }

    /**
     * Builds the backend.
     *
     * @throws IllegalStateException if there is no service, or if neither {@link #executor} nor
     *     {@link #direct} was called
     */
    public GrpcServiceBackend build() {
      if (services.isEmpty()) {
        throw new IllegalStateException("a runtime needs a service(...) of " + KNOWN);
      }
      if (executor == null) {
        throw new IllegalStateException(
            "no executor: call executor(...), or direct() if no service blocks");
      }
      return new GrpcServiceBackend(this, executor);
    }
  }
}
