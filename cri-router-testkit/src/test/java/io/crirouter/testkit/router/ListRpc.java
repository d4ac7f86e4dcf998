package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.crirouter.core.RuntimeBackend;
import java.util.List;

/** The rpcs that list what runtimes have, and which of them answer with the same items. */
enum ListRpc {
  LIST_POD_SANDBOX("ListPodSandbox", Kind.POD_SANDBOX),
  STREAM_POD_SANDBOXES("StreamPodSandboxes", Kind.POD_SANDBOX),
  LIST_CONTAINERS("ListContainers", Kind.CONTAINER),
  STREAM_CONTAINERS("StreamContainers", Kind.CONTAINER),
  LIST_IMAGES("ListImages", Kind.IMAGE),
  STREAM_IMAGES("StreamImages", Kind.IMAGE);

  /** What is listed. */
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

  /** The ids in an answer that must have come by now. */
  List<String> idsAtOnce(RuntimeBackend runtime) throws InvalidProtocolBufferException {
    RawCall call = start(runtime);
    if (!call.isOver()) {
      throw new AssertionError(rpc + " is not answered yet");
    }
    return ids(call);
  }

  RawCall start(RuntimeBackend runtime) {
    return RawCall.start(runtime, rpc, ByteString.EMPTY);
  }

  /** The ids in an answer, in its order. */
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
