package io.crirouter.examples.bench.load;

import com.google.common.collect.Lists;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.examples.bench.SampleContainers;
import io.crirouter.examples.bench.Sockets;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeStatus;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.VersionResponse;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A runtime whose answers are serialized before it serves. */
final class FakeRuntime extends HandlerRegistry {
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();
  private final Map<ByteString, ByteString> statuses = new HashMap<>();

  /** The list of all containers. A shorter list is a prefix, which ends at {@link #listEnds}. */
  private final ByteString list;

  /** The same list with the entries of maps in reverse order. Go writes maps in any order. */
  private final ByteString reversed;

  private final int[] listEnds;
  private final AtomicInteger lists = new AtomicInteger();
  private volatile ByteString currentList = ByteString.EMPTY;
  private volatile ByteString otherList = ByteString.EMPTY;

  /**
   * @param containers the containers
   * @param count the greatest number of containers to list
   */
  FakeRuntime(SampleContainers containers, int count) {
    ListContainersResponse all = containers.list(count);
    list = all.toByteString();
    reversed = reversed(all);
    listEnds = new int[count + 1];
    for (int i = 0; i < count; i++) {
      int item =
          ListContainersResponse.newBuilder()
              .addContainers(all.getContainers(i))
              .build()
              .getSerializedSize();
      listEnds[i + 1] = listEnds[i] + item;
      statuses.put(containers.statusRequest(i), containers.status(i).toByteString());
    }
    answer("Version", request -> version(containers.runtime()));
    answer("Status", request -> status());
    answer("ListPodSandbox", request -> ByteString.EMPTY);
    answer("ListContainers", request -> lists.getAndIncrement() % 2 == 0 ? currentList : otherList);
    answer("ListImages", request -> ByteString.EMPTY);
    answer("ContainerStatus", statuses::get);
  }

  /** Serves at {@code socket}, on a thread of its own. */
  void serve(Path socket) throws IOException {
    Sockets.serverAt(socket, Sockets.newLoop()).fallbackHandlerRegistry(this).build().start();
  }

  /**
   * Sets the list to the first {@code count} containers.
   *
   * @param changingOrder whether the order of map entries changes with each list
   */
  void setContainers(int count, boolean changingOrder) {
    currentList = list.substring(0, listEnds[count]);
    otherList = (changingOrder ? reversed : list).substring(0, listEnds[count]);
  }

  private static ByteString reversed(ListContainersResponse all) {
    ListContainersResponse.Builder reversed = ListContainersResponse.newBuilder();
    for (Container container : all.getContainersList()) {
      Container.Builder other = container.toBuilder().clearLabels().clearAnnotations();
      Lists.reverse(List.copyOf(container.getLabelsMap().entrySet()))
          .forEach(label -> other.putLabels(label.getKey(), label.getValue()));
      Lists.reverse(List.copyOf(container.getAnnotationsMap().entrySet()))
          .forEach(note -> other.putAnnotations(note.getKey(), note.getValue()));
      reversed.addContainers(other);
    }
    return reversed.build().toByteString();
  }

  private static ByteString version(String name) {
    return VersionResponse.newBuilder()
        .setVersion("0.1.0")
        .setRuntimeName(name)
        .setRuntimeVersion("1.0.0")
        .setRuntimeApiVersion("v1")
        .build()
        .toByteString();
  }

  private static ByteString status() {
    RuntimeStatus.Builder ready = RuntimeStatus.newBuilder();
    for (String type : new String[] {"RuntimeReady", "NetworkReady"}) {
      ready.addConditions(RuntimeCondition.newBuilder().setType(type).setStatus(true));
    }
    return StatusResponse.newBuilder().setStatus(ready).build().toByteString();
  }

  private void answer(String rpc, UnaryOperator<@Nullable ByteString> answer) {
    String path = CriMethod.of(rpc).path("v1");
    methods.put(
        path,
        ServerMethodDefinition.create(
            RawBytes.method(path), (call, headers) -> new AnsweringListener(call, answer)));
  }

  @Override
  public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
      String path, @Nullable String authority) {
    return methods.get(path);
  }

  private static final class AnsweringListener extends ServerCall.Listener<ByteString> {
    private final ServerCall<ByteString, ByteString> call;
    private final UnaryOperator<@Nullable ByteString> answers;
    private @Nullable ByteString answer;

    AnsweringListener(
        ServerCall<ByteString, ByteString> call, UnaryOperator<@Nullable ByteString> answers) {
      this.call = call;
      this.answers = answers;
      call.request(1);
    }

    @Override
    public void onMessage(ByteString request) {
      answer = answers.apply(request);
    }

    @Override
    public void onHalfClose() {
      if (answer == null) {
        call.close(Status.NOT_FOUND, new Metadata());
        return;
      }
      call.sendHeaders(new Metadata());
      call.sendMessage(answer);
      call.close(Status.OK, new Metadata());
    }
  }
}
