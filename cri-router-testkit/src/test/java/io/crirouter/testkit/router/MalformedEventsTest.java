package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.testkit.ResponseStream;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Malformed events of a secondary are skipped, and others are delivered. */
class MalformedEventsTest {
  private static final ByteString MALFORMED_MESSAGE =
      ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xff});

  private final AlteredResponses interceptor = new AlteredResponses();
  private final Node node = Node.builder().beforeVirtlet(interceptor::of).build();
  private int eventsToReplace;

  /** The faults of an event. */
  private enum Fault {
    TRUNCATED(ByteString.copyFrom(new byte[] {0x0a, 0x7f, 0x01})),
    NESTED(
        MalformedList.field(ContainerEventResponse.CONTAINER_ID_FIELD_NUMBER, "half")
            .concat(
                MalformedList.field(
                    ContainerEventResponse.POD_SANDBOX_STATUS_FIELD_NUMBER, MALFORMED_MESSAGE))),
    INVALID_UTF8(
        MalformedList.field(
            ContainerEventResponse.CONTAINER_ID_FIELD_NUMBER,
            ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xfe})));

    private final ByteString event;

    Fault(ByteString event) {
      this.event = event;
    }
  }

  private void replaceEvent(Fault fault) {
    interceptor.alter("GetContainerEvents", event -> eventsToReplace-- > 0 ? fault.event : event);
  }

  @ParameterizedTest
  @EnumSource
  void malformedEventsAreSkippedAndLoggedOnce(Fault fault) {
    replaceEvent(fault);
    try (ResponseStream<ContainerEventResponse> events = node.client.events();
        CapturedLog log = new CapturedLog(Level.WARNING)) {
      eventsToReplace = 4;
      node.runOnVirtlet("lost");
      node.runOnVirtlet("lost-too");

      String pod = node.runOnVirtlet("told");
      assertThat(events.next().getContainerId()).isEqualTo(pod);
      assertThat(log.lines()).singleElement().asString().contains("virtlet.cloud");
      assertThat(node.virtlet.journal().callsOf("GetContainerEvents"))
          .as("one subscription, still open")
          .singleElement()
          .satisfies(call -> assertThat(call.status()).isEmpty());
    }
  }

  @Test
  void eventsOfOtherRuntimesAreDelivered() {
    replaceEvent(Fault.NESTED);
    eventsToReplace = Integer.MAX_VALUE;
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.runOnVirtlet("lost");
      String pod = node.runOnContainerd("told");

      assertThat(events.next().getContainerId()).isEqualTo(pod);
    }
  }
}
