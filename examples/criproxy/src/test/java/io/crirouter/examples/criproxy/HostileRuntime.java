package io.crirouter.examples.criproxy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.testkit.FakeRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A runtime that answers normally until it starts to flood. From then on its streams have no end,
 * unless one is set, its lists and statuses are large, and it creates pods without keeping them.
 */
final class HostileRuntime implements RuntimeBackend {
  private static final int MIB = 1 << 20;
  private static final int UNKNOWN_FIELD = 15_000;
  private static final ByteString FILLER = ByteString.copyFrom(new byte[MIB]);

  private static final Set<String> OBJECT_LISTS =
      Set.of("ListPodSandbox", "ListContainers", "ListImages");

  private final FakeRuntime runtime;
  private final int answerMib;
  private final AtomicLong pods = new AtomicLong();
  private volatile boolean floods;
  private volatile int objects;
  private volatile int streamMib = Integer.MAX_VALUE;
  private volatile ByteString eventPadding = ByteString.EMPTY;

  /** Creates a runtime whose unary answers have this many MiB when it floods. */
  HostileRuntime(FakeRuntime runtime, int answerMib) {
    this.runtime = runtime;
    this.answerMib = answerMib;
  }

  void flood() {
    floods = true;
  }

  /** Ends streams after this many MiB. */
  void endStreamsAfter(int mib) {
    streamMib = mib;
  }

  /** Sets the number of objects in lists of pod sandboxes, containers and images. */
  void listObjects(int count) {
    objects = count;
  }

  /** Sets the size of events. */
  void padEvents(int bytes) {
    eventPadding = field(UNKNOWN_FIELD, FILLER.substring(0, bytes));
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    String rpc = request.method().name();
    if (floods && rpc.equals("RunPodSandbox")) {
      String id = String.format("%064x", pods.incrementAndGet());
      return answer(
          listener, RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build().toByteString());
    }
    if (floods && rpc.startsWith("Stream")) {
      ByteString item = item(rpc);
      return new Flood(() -> item, listener, new AtomicInteger(streamMib));
    }
    if (floods && rpc.equals("GetContainerEvents")) {
      return new Flood(this::event, listener, new AtomicInteger(Integer.MAX_VALUE));
    }
    if (floods && objects > 0 && OBJECT_LISTS.contains(rpc)) {
      return answer(listener, objects(rpc));
    }
    if (floods && (rpc.startsWith("List") || rpc.equals("ContainerStatus"))) {
      ByteString large = ByteString.EMPTY;
      for (int i = 0; i < answerMib; i++) {
        large = large.concat(field(UNKNOWN_FIELD, FILLER));
      }
      return answer(listener, large);
    }
    return runtime.start(request, listener);
  }

  private static RuntimeCall answer(ResponseListener listener, ByteString response) {
    listener.onMessage(response);
    listener.onClose(RpcStatus.OK);
    return RuntimeCall.ENDED;
  }

  /** A list of valid objects. */
  private ByteString objects(String rpc) {
    ByteString padding = field(UNKNOWN_FIELD, FILLER.substring(0, 900));
    ByteString.Output list = ByteString.newOutput();
    for (int i = 0; i < objects; i++) {
      ByteString id = ByteString.copyFromUtf8(String.format("%064x", i));
      ByteString item = field(1, id).concat(padding);
      if (rpc.equals("ListContainers")) {
        item = item.concat(field(2, id));
      }
      try {
        field(1, item).writeTo(list);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return list.toByteString();
  }

  /** A list of one large item; those of stats have their id in the attributes. */
  private ByteString item(String rpc) {
    ByteString id = ByteString.copyFromUtf8(String.format("%064x", pods.incrementAndGet()));
    ByteString named = field(1, rpc.endsWith("Stats") ? field(1, id) : id);
    return field(1, named.concat(field(UNKNOWN_FIELD, FILLER)));
  }

  /** An event of an unknown pod and container. */
  private ByteString event() {
    String id = String.format("%064x", pods.incrementAndGet());
    return ContainerEventResponse.newBuilder()
        .setContainerId(id)
        .setContainerEventType(ContainerEventType.CONTAINER_STARTED_EVENT)
        .setCreatedAt(pods.get())
        .setPodSandboxStatus(
            PodSandboxStatus.newBuilder()
                .setId(id)
                .setMetadata(PodSandboxMetadata.newBuilder().setName("flood").setUid(id)))
        .build()
        .toByteString()
        .concat(eventPadding);
  }

  private static ByteString field(int number, ByteString content) {
    return UnknownFieldSet.newBuilder()
        .addField(number, Field.newBuilder().addLengthDelimited(content).build())
        .build()
        .toByteString();
  }

  @Override
  public String address() {
    return runtime.address();
  }

  /** Sends one message for each request, until the limit. */
  private record Flood(Supplier<ByteString> message, ResponseListener listener, AtomicInteger left)
      implements RuntimeCall {
    @Override
    public void request(int count) {
      for (int i = 0; i < count; i++) {
        if (left.decrementAndGet() < 0) {
          listener.onClose(RpcStatus.OK);
          return;
        }
        listener.onMessage(message.get());
      }
    }

    @Override
    public void cancel(String reason) {
      listener.onClose(RpcStatus.of(RpcStatus.Code.CANCELLED, reason));
    }
  }
}
