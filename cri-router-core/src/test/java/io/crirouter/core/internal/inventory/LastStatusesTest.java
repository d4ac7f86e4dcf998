package io.crirouter.core.internal.inventory;

import static io.crirouter.core.internal.inventory.InventoryFixture.answer;
import static io.crirouter.core.internal.inventory.InventoryFixture.container;
import static io.crirouter.core.internal.inventory.InventoryFixture.containers;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the status of a container comes from that is told while its runtime is lost. */
class LastStatusesTest {
  private static final ContainerStatus ENDED =
      ContainerStatus.newBuilder()
          .setId("c")
          .setState(ContainerState.CONTAINER_EXITED)
          .setExitCode(3)
          .build();

  private final InventoryFixture fixture = new InventoryFixture();

  @BeforeEach
  void list() throws Exception {
    fixture.list(Kind.CONTAINER, containers(container("c", "s")));
  }

  private static ContainerStatusResponse response(ContainerStatus status) {
    return ContainerStatusResponse.newBuilder().setStatus(status).build();
  }

  private @Nullable ContainerStatus last() throws Exception {
    ByteString response = fixture.inventory.lastStatus("c");
    return response == null ? null : ContainerStatusResponse.parseFrom(response).getStatus();
  }

  @Test
  void fromAnAnswer() throws Exception {
    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));

    assertThat(last()).isEqualTo(ENDED);
  }

  /** A kubelet that follows events does not ask. */
  @Test
  void fromAnEvent() throws Exception {
    fixture.inventory.observeEvent(
        ContainerEventResponse.newBuilder()
            .setContainerId("c")
            .setContainerEventType(ContainerEventType.CONTAINER_STOPPED_EVENT)
            .setPodSandboxStatus(PodSandboxStatus.newBuilder().setId("s"))
            .addContainersStatuses(ENDED)
            .build()
            .toByteString());

    assertThat(last()).isEqualTo(ENDED);
  }

  @Test
  void fromTheStatusOfItsPod() throws Exception {
    answer(
        fixture.ask("PodSandboxStatus", "s"),
        PodSandboxStatusResponse.newBuilder()
            .setStatus(PodSandboxStatus.newBuilder().setId("s"))
            .addContainersStatuses(ENDED)
            .build());

    assertThat(last()).isEqualTo(ENDED);
  }

  @Test
  void fromTheLatestRequestWhicheverIsAnsweredLast() throws Exception {
    ResponseObserver earlier = fixture.ask("ContainerStatus", "c");
    ResponseObserver later = fixture.ask("ContainerStatus", "c");
    answer(later, response(ENDED));
    answer(earlier, response(ENDED.toBuilder().clearExitCode().build()));

    assertThat(last()).isEqualTo(ENDED);
  }

  @Test
  void notFromAnUnknownContainersAnswer() throws Exception {
    answer(fixture.ask("ContainerStatus", "d"), response(ENDED.toBuilder().setId("d").build()));
    fixture.list(Kind.CONTAINER, containers(container("c", "s"), container("d", "s")));

    assertThat(fixture.inventory.lastStatus("d")).isNull();
  }

  /** Its failures are never made up for. */
  @Test
  void noneIsKeptOfThePrimary() throws Exception {
    InventoryFixture primary = InventoryFixture.ofPrimary();
    primary.list(Kind.CONTAINER, containers(container("c", "s")));
    answer(primary.ask("ContainerStatus", "c"), response(ENDED));

    assertThat(primary.inventory.lastStatus("c")).isNull();
  }

  @Test
  void aRepetitionIsNoChangeToSave() throws Exception {
    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));
    assertThat(fixture.save()).isTrue();

    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));
    answer(
        fixture.ask("ContainerStatus", "c"),
        response(ENDED.toBuilder().setMessage("in other words").build()));

    assertThat(fixture.save()).isFalse();
  }
}
