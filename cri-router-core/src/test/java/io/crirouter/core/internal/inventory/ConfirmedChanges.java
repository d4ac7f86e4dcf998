package io.crirouter.core.internal.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What clients were told, which no answer that comes later may contradict: what was removed stays
 * away, what was created is there as long as the runtime has it, and states go forward only.
 */
final class ConfirmedChanges {
  private final Set<String> removed = new HashSet<>();
  private final Set<String> created = new HashSet<>();
  private final Map<String, ContainerState> atLeast = new HashMap<>();
  private boolean wasKnown;

  /** Only of what is known can be remembered that it was removed or stopped. */
  void beforeAnswer(SimulatedCall call, Inventory inventory) {
    Kind kind = call.rpc().endsWith("Sandbox") ? Kind.POD_SANDBOX : Kind.CONTAINER;
    wasKnown = inventory.has(kind, call.question.named());
  }

  void afterAnswer(SimulatedCall call) throws InvalidProtocolBufferException {
    if (call.response().isEmpty()) {
      return;
    }
    ByteString response = call.response().get();
    switch (call.rpc()) {
      case "RunPodSandbox" ->
          created.add(RunPodSandboxResponse.parseFrom(response).getPodSandboxId());
      case "CreateContainer" -> {
        // Where the sandbox was named by the beginning of its id it may be unclear which it was.
        if (call.question.named().length() == SimulatedRuntime.ID_LENGTH) {
          created.add(CreateContainerResponse.parseFrom(response).getContainerId());
        }
      }
      case "RemovePodSandbox", "RemoveContainer" -> noteRemoved(call.question.named());
      case "StartContainer" -> noteState(call, ContainerState.CONTAINER_RUNNING);
      case "StopContainer" -> noteState(call, ContainerState.CONTAINER_EXITED);
      default -> {}
    }
  }

  private void noteRemoved(String id) {
    if (wasKnown) {
      removed.add(id);
    }
  }

  private void noteState(SimulatedCall call, ContainerState state) {
    if (wasKnown) {
      atLeast.merge(
          call.question.named(),
          state,
          (one, other) -> one.getNumber() > other.getNumber() ? one : other);
    }
  }

  void check(Inventory inventory, SimulatedRuntime runtime)
      throws InvalidProtocolBufferException, MalformedMessageException {
    for (String id : removed) {
      if (!runtime.sandboxes.containsKey(id) && !runtime.containers.containsKey(id)) {
        assertThat(inventory.has(Kind.POD_SANDBOX, id) || inventory.has(Kind.CONTAINER, id))
            .as("%s was removed", id)
            .isFalse();
      }
    }
    for (String id : created) {
      if (runtime.sandboxes.containsKey(id) || runtime.containers.containsKey(id)) {
        assertThat(inventory.has(Kind.POD_SANDBOX, id) || inventory.has(Kind.CONTAINER, id))
            .as("%s was created and is there", id)
            .isTrue();
      }
    }
    ByteString answer = inventory.answer(Kind.CONTAINER, ByteString.EMPTY);
    if (answer != null) {
      ListContainersResponse.parseFrom(answer).getContainersList().forEach(this::check);
    }
  }

  private void check(Container container) {
    ContainerState state = atLeast.get(container.getId());
    if (state != null) {
      assertThat(container.getStateValue())
          .as("the state of %s goes forward", container.getId())
          .isGreaterThanOrEqualTo(state.getNumber());
    }
    assertThat(removed)
        .as("container %s without its pod sandbox", container.getId())
        .doesNotContain(container.getPodSandboxId());
  }
}
