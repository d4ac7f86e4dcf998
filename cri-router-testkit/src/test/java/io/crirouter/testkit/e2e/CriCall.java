package io.crirouter.testkit.e2e;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import io.crirouter.proto.v1.ImageServiceGrpc;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.TestRegistry;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A unary call that can be made through the router and directly to a runtime, to compare the
 * responses.
 *
 * @param rpc the name of the rpc
 * @param request the request in protobuf text format, with the placeholders POD, CONTAINER, NOTHING
 *     and IMAGE for names that differ between router and runtime
 */
record CriCall(String rpc, String request) {
  private static final int LIMIT_SECONDS = 10;

  /**
   * The values of the placeholders, for clients of the router or for a runtime.
   *
   * @param pod the id of a sandbox
   * @param container the id of a container
   * @param nothing an unknown id
   * @param image the first part of image names
   */
  record Names(String pod, String container, String nothing, String image) {
    private static final String NO_ID = "0123456789abcdef".repeat(4);
    private static final String IMAGES = TestRegistry.HOST;

    /** The names of a pod and its first container for clients of the router. */
    static Names forClients(KubeletPod pod) {
      Side side = pod.side();
      return new Names(pod.id(), pod.container(), side.id(NO_ID), side.image(IMAGES));
    }

    /** The names at the runtime. */
    static Names forRuntime(KubeletPod pod) {
      return new Names(pod.ownId(), pod.side().ownId(pod.container()), NO_ID, IMAGES);
    }
  }

  Outcome execute(CriClient client, Names names) {
    MethodDescriptor<Message, Message> method = method();
    return Outcome.of(
        () ->
            ClientCalls.blockingUnaryCall(
                client.channel(),
                method,
                CallOptions.DEFAULT.withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS),
                requestOf(method, names)));
  }

  @SuppressWarnings("unchecked")
  private MethodDescriptor<Message, Message> method() {
    return (MethodDescriptor<Message, Message>)
        Stream.of(
                RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())
            .flatMap(service -> service.getMethods().stream())
            .filter(method -> rpc.equals(method.getBareMethodName()))
            .findFirst()
            .orElseThrow();
  }

  private Message requestOf(MethodDescriptor<Message, Message> method, Names names) {
    Message.Builder builder =
        ((PrototypeMarshaller<Message>) method.getRequestMarshaller())
            .getMessagePrototype()
            .newBuilderForType();
    try {
      TextFormat.merge(
          request
              .replace("POD", names.pod())
              .replace("CONTAINER", names.container())
              .replace("NOTHING", names.nothing())
              .replace("IMAGE", names.image()),
          builder);
    } catch (ParseException e) {
      throw new IllegalArgumentException(this + " is not a valid request", e);
    }
    return builder.build();
  }

  @Override
  public String toString() {
    return rpc + "(" + request + ")";
  }
}
