package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;

/**
 * One event with the client's ids.
 *
 * @param subject the id of the container or sandbox that it is about; events with the same subject
 *     can be replaced by the last of them
 * @param message the serialized ContainerEventResponse
 */
record ClientEvent(String subject, ByteString message) {}
