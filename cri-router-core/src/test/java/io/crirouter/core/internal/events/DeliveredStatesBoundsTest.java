package io.crirouter.core.internal.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.events.PresentState.Listing;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** However many objects a runtime names, and however large, few bytes are kept of them. */
class DeliveredStatesBoundsTest {
  private final DeliveredStates states = new DeliveredStates(StateTable.limitOfSecondaries());

  private EventSubject receive(String id, ContainerEventType type) throws Exception {
    EventSubject subject =
        states.receive(
            ReceivedEvent.parse(
                ContainerEventResponse.newBuilder()
                    .setContainerId(id)
                    .setContainerEventType(type)
                    .build()
                    .toByteString()));
    assertThat(subject).as("an event that is delivered").isNotNull();
    return subject;
  }

  private EventSubject start(String id) throws Exception {
    return receive(id, ContainerEventType.CONTAINER_STARTED_EVENT);
  }

  private Map<String, List<Difference>> differencesToNothing() {
    Listing nothing = new Listing(states.number(), Map.of());
    return states.differences(new PresentState(nothing, nothing));
  }

  @Test
  void ofAMillionContainersSomeThousandsAreKept() throws Exception {
    for (int i = 0; i < 1_000_000; i++) {
      start("container-of-a-runtime-that-counts-" + i);
    }

    long kept = differencesToNothing().values().stream().mapToInt(List::size).sum();
    assertThat(kept).isBetween(20_000L, 40_000L);
  }

  @Test
  void idsThatAreTooLongAreDeliveredAndNotKept() throws Exception {
    start("x".repeat(2000));

    assertThat(differencesToNothing()).isEmpty();
  }

  @Test
  void ofALargePodItsMetadataIsKept() throws Exception {
    PodSandboxMetadata metadata =
        PodSandboxMetadata.newBuilder().setName("large").setUid("u").build();
    PodSandboxStatus large =
        PodSandboxStatus.newBuilder()
            .setId("pod")
            .setMetadata(metadata)
            .putAnnotations("large", "x".repeat(1 << 20))
            .build();

    ByteString identity = SandboxIdentity.ofStatus(WireMessage.parse(large.toByteString()));

    assertThat(PodSandboxStatus.parseFrom(identity))
        .isEqualTo(PodSandboxStatus.newBuilder().setId("pod").setMetadata(metadata).build());
  }

  @Test
  void ofTooManyEventsWhileListsAreUnderWayNoneIsKeptAndTheListsCountForNothing() throws Exception {
    states.beginComparison();
    long asked = states.number();
    for (int i = 0; i < ReceivedNumbers.MAX_OBJECTS; i++) {
      receive("gone" + i, ContainerEventType.CONTAINER_DELETED_EVENT);
    }
    assertThat(states.isOverrun()).isFalse();

    receive("one more", ContainerEventType.CONTAINER_DELETED_EVENT);

    assertThat(states.isOverrun()).isTrue();
    assertThat(states.isSandboxReceivedSince("any", asked)).isTrue();
    states.endComparison();
    assertThat(states.isOverrun()).isFalse();
  }

  @Test
  void aLostStateIsADifferenceUntilItIsDelivered() throws Exception {
    EventSubject one = start("one");
    EventSubject two = start("two");
    states.lost(one);
    states.lost(receive("two", ContainerEventType.CONTAINER_DELETED_EVENT));
    assertThat(states.hasLost()).isTrue();
    assertThat(two.id()).isEqualTo("two");

    differencesToNothing()
        .values()
        .forEach(all -> all.forEach(difference -> assertThat(states.deliver(difference)).isTrue()));

    assertThat(states.hasLost()).isFalse();
    assertThat(differencesToNothing()).isEmpty();
  }

  @Test
  void aLaterEventMakesUpForALostOne() throws Exception {
    states.lost(start("one"));

    receive("one", ContainerEventType.CONTAINER_STOPPED_EVENT);

    assertThat(states.hasLost()).isFalse();
  }
}
