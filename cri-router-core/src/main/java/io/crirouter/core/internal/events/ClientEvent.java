package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;

/**
 * One event with the client's ids.
 *
 * @param subject the container or sandbox that it is about; events with the same subject can be
 *     replaced by the last of them
 * @param message the serialized ContainerEventResponse
 */
record ClientEvent(EventSubject subject, ByteString message) {
  /** About what the objects around an event cost. */
  private static final int OVERHEAD = 256;

  /** What it holds of the memory, in bytes, if nothing else holds its parts. */
  long bytes() {
    return OVERHEAD + subject.bytes() + message.size();
  }
}
