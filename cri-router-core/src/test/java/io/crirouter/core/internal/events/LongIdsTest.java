package io.crirouter.core.internal.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import org.junit.jupiter.api.Test;

/** Ids that are too long are not kept, neither from events nor from lists. */
class LongIdsTest {
  private static final String LONGEST = "i".repeat(1024);

  private static ReceivedEvent created(String container, String sandbox) throws Exception {
    ContainerEventResponse.Builder event =
        ContainerEventResponse.newBuilder()
            .setContainerId(container)
            .setContainerEventType(ContainerEventType.CONTAINER_CREATED_EVENT);
    event.getPodSandboxStatusBuilder().setId(sandbox);
    return ReceivedEvent.parse(event.build().toByteString());
  }

  @Test
  void anEventIsDeliveredButNotRecorded() throws Exception {
    DeliveredStates states = new DeliveredStates(StateTable.limitOfSecondaries());

    assertThat(states.receive(created(LONGEST, "s"))).isNotNull();
    assertThat(states.receive(created(LONGEST + "i", "s"))).isNotNull();
    assertThat(states.receive(created("c", LONGEST + "i"))).isNotNull();

    assertThat(states.differences(PresentState.NOTHING).keySet())
        .containsExactlyInAnyOrder("s", "");
    assertThat(states.differences(PresentState.NOTHING).values())
        .flatExtracting(list -> list)
        .extracting(Difference::id)
        .containsExactlyInAnyOrder(LONGEST, "c");
  }

  @Test
  void itemsOfListsAreLeftOut() throws Exception {
    ListPodSandboxResponse sandboxes =
        ListPodSandboxResponse.newBuilder()
            .addItems(PodSandbox.newBuilder().setId(LONGEST))
            .addItems(PodSandbox.newBuilder().setId(LONGEST + "i"))
            .addItems(PodSandbox.newBuilder())
            .build();
    ListContainersResponse containers =
        ListContainersResponse.newBuilder()
            .addContainers(Container.newBuilder().setId("c").setPodSandboxId(LONGEST + "i"))
            .addContainers(Container.newBuilder().setId(LONGEST + "i").setPodSandboxId("s"))
            .build();

    assertThat(PresentState.listing(Kind.POD_SANDBOX, 0, sandboxes.toByteString()).items())
        .containsOnlyKeys(LONGEST);
    assertThat(PresentState.listing(Kind.CONTAINER, 0, containers.toByteString()).items())
        .containsOnlyKeys("c")
        .allSatisfy((id, item) -> assertThat(item.sandbox()).isEmpty());
  }
}
