package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Lists as protobuf reads them, by id, in which order they come being no matter. */
final class ListedObjects {
  private ListedObjects() {}

  /** What a list says; an id that occurs twice fails. */
  static Map<String, Message> of(Kind kind, ByteString answer)
      throws InvalidProtocolBufferException {
    Map<String, Message> byId = new TreeMap<>();
    for (Message item : items(kind, answer)) {
      if (byId.put(id(item), item) != null) {
        throw new AssertionError(id(item) + " is listed twice");
      }
    }
    return byId;
  }

  private static List<? extends Message> items(Kind kind, ByteString answer)
      throws InvalidProtocolBufferException {
    return switch (kind) {
      case POD_SANDBOX -> ListPodSandboxResponse.parseFrom(answer).getItemsList();
      case CONTAINER -> ListContainersResponse.parseFrom(answer).getContainersList();
      case IMAGE -> ListImagesResponse.parseFrom(answer).getImagesList();
    };
  }

  /** What a runtime really has. */
  static Map<String, Message> of(Kind kind, SimulatedRuntime runtime) {
    return new TreeMap<>(
        switch (kind) {
          case POD_SANDBOX -> runtime.sandboxes;
          case CONTAINER -> runtime.containers;
          case IMAGE -> runtime.images;
        });
  }

  private static String id(Message item) {
    if (item instanceof PodSandbox sandbox) {
      return sandbox.getId();
    }
    return item instanceof Container container ? container.getId() : ((Image) item).getId();
  }
}
