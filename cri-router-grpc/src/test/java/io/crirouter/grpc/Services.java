package io.crirouter.grpc;

import com.google.protobuf.Message;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.StreamContainersRequest;
import io.crirouter.proto.v1.StreamContainersResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;

/** gRPC services on generated messages. */
final class Services {
  private Services() {}

  /** A service with one rpc. */
  static <Q extends Message, A extends Message> BindableService service(
      String path, MethodType type, Q request, A response, ServerCallHandler<Q, A> handler) {
    MethodDescriptor<Q, A> method =
        MethodDescriptor.<Q, A>newBuilder()
            .setType(type)
            .setFullMethodName(path)
            .setRequestMarshaller(ProtoUtils.marshaller(request))
            .setResponseMarshaller(ProtoUtils.marshaller(response))
            .build();
    String name = path.substring(0, path.indexOf('/'));
    return () -> ServerServiceDefinition.builder(name).addMethod(method, handler).build();
  }

  static BindableService version(
      ServerCalls.UnaryMethod<VersionRequest, VersionResponse> function) {
    return service(
        "runtime.v1.RuntimeService/Version",
        MethodType.UNARY,
        VersionRequest.getDefaultInstance(),
        VersionResponse.getDefaultInstance(),
        ServerCalls.asyncUnaryCall(function));
  }

  static BindableService stream(
      ServerCalls.ServerStreamingMethod<StreamContainersRequest, StreamContainersResponse>
          function) {
    return service(
        "runtime.v1.RuntimeService/StreamContainers",
        MethodType.SERVER_STREAMING,
        StreamContainersRequest.getDefaultInstance(),
        StreamContainersResponse.getDefaultInstance(),
        ServerCalls.asyncServerStreamingCall(function));
  }

  static VersionResponse runtimeNamed(String name) {
    return VersionResponse.newBuilder().setRuntimeName(name).build();
  }

  static StreamContainersResponse container(String id) {
    return StreamContainersResponse.newBuilder()
        .addContainers(Container.newBuilder().setId(id))
        .build();
  }
}
