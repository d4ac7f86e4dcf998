package io.crirouter.examples.criproxy.admin;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;

/**
 * The rpcs of the admin socket: gRPC whose messages are JSON objects, one record each. A key that
 * the other side does not know is ignored.
 */
public final class AdminRpcs {
  static final String SERVICE = "crirouter.admin.v1.Admin";

  /** How the proxy and its runtimes are. */
  static final MethodDescriptor<NoArguments, StatusReport> STATUS =
      rpc("Status", MethodType.UNARY, NoArguments.class, StatusReport.class);

  private AdminRpcs() {}

  /** An rpc of one request and one response. */
  public static <Q, R> MethodDescriptor<Q, R> unary(
      String name, Class<Q> request, Class<R> response) {
    return rpc(name, MethodType.UNARY, request, response);
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
