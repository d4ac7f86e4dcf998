package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.crirouter.core.RuntimeBackend;
import java.util.List;

/** The list rpcs, and the kind of their items. */
enum ListRpc {
  LIST_POD_SANDBOX("ListPodSandbox", Kind.POD_SANDBOX),
  STREAM_POD_SANDBOXES("StreamPodSandboxes", Kind.POD_SANDBOX),
  LIST_CONTAINERS("ListContainers", Kind.CONTAINER),
  STREAM_CONTAINERS("StreamContainers", Kind.CONTAINER),
  LIST_IMAGES("ListImages", Kind.IMAGE),
  STREAM_IMAGES("StreamImages", Kind.IMAGE);

  /** The kind of the listed items. */
  enum Kind {
    POD_SANDBOX,
    CONTAINER,
    IMAGE
  }

  private final String rpc;
  private final Kind kind;

  ListRpc(String rpc, Kind kind) {
    this.rpc = rpc;
    this.kind = kind;
  }

  String rpc() {
    return rpc;
  }

  Kind kind() {
    return kind;
  }

  /** Calls the list and returns the ids of the response, which must come at once. */
  List<String> idsAtOnce(RuntimeBackend runtime) throws InvalidProtocolBufferException {
    RawCall call = start(runtime);
    if (!call.isClosed()) {
      throw new AssertionError(rpc + " is not answered yet");
    }
    return ids(call);
  }

  RawCall start(RuntimeBackend runtime) {
    return RawCall.start(runtime, rpc, ByteString.EMPTY);
  }

  /** The ids in a response, in order. */
  static List<String> ids(RawCall call) throws InvalidProtocolBufferException {
    Message answer = call.message();
    FieldDescriptor items = answer.getDescriptorForType().findFieldByNumber(1);
    FieldDescriptor id = items.getMessageType().findFieldByName("id");
    List<?> list = (List<?>) answer.getField(items);
    return list.stream().map(item -> (String) ((Message) item).getField(id)).toList();
  }

  @Override
  public String toString() {
    return rpc;
  }
}
