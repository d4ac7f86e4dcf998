package io.crirouter.examples.criproxy.admin;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;

/**
 * The rpcs of the admin socket: gRPC with JSON objects as messages, one record each. Unknown keys
 * are ignored.
 */
public final class AdminRpcs {
  static final String SERVICE = "crirouter.admin.v1.Admin";

  /** The state of the proxy and its runtimes. */
  static final MethodDescriptor<NoArguments, StatusReport> STATUS =
      rpc("Status", MethodType.UNARY, NoArguments.class, StatusReport.class);

  /** Whether a kubelet can use the proxy. */
  static final MethodDescriptor<NoArguments, HealthReport> HEALTH =
      rpc("Health", MethodType.UNARY, NoArguments.class, HealthReport.class);

  /** The owners of an id. */
  static final MethodDescriptor<IdQuery, OwnersReport> OWNERS =
      rpc("Owners", MethodType.UNARY, IdQuery.class, OwnersReport.class);

  /** All pods. */
  static final MethodDescriptor<NoArguments, PodsReport> PODS =
      rpc("Pods", MethodType.UNARY, NoArguments.class, PodsReport.class);

  /** The runtime that a pod would get. */
  static final MethodDescriptor<PodQuery, PlacementReport> PLACEMENT =
      rpc("Placement", MethodType.UNARY, PodQuery.class, PlacementReport.class);

  /** Calls, as they end. */
  static final MethodDescriptor<TraceQuery, TraceEntry> TRACE =
      rpc("Trace", MethodType.SERVER_STREAMING, TraceQuery.class, TraceEntry.class);

  private AdminRpcs() {}

  /** An rpc of one request and one response. */
  public static <Q, R> MethodDescriptor<Q, R> unary(
      String name, Class<Q> request, Class<R> response) {
    return rpc(name, MethodType.UNARY, request, response);
  }

  /** A bidirectional streaming rpc. */
  public static <Q, R> MethodDescriptor<Q, R> bidiStreaming(
      String name, Class<Q> request, Class<R> response) {
    return rpc(name, MethodType.BIDI_STREAMING, request, response);
  }

  private static <Q, R> MethodDescriptor<Q, R> rpc(
      String name, MethodType type, Class<Q> request, Class<R> response) {
    return MethodDescriptor.<Q, R>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(new JsonMarshaller<>(request))
        .setResponseMarshaller(new JsonMarshaller<>(response))
        .build();
  }
}
