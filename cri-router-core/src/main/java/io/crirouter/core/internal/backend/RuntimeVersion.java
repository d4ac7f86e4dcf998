package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.VersionResponse;

/**
 * What a runtime answers to Version about itself, clipped.
 *
 * @param name what it is
 * @param version its version
 */
record RuntimeVersion(String name, String version) {
  /** That of a runtime that has not answered yet. */
  static final RuntimeVersion UNKNOWN = new RuntimeVersion("", "");

  /** As a Version response has it. */
  static RuntimeVersion of(ByteString response) {
    try {
      WireMessage message = WireMessage.parse(response);
      return new RuntimeVersion(
          ClippedText.of(message.string(VersionResponse.RUNTIME_NAME_FIELD_NUMBER)),
          ClippedText.of(message.string(VersionResponse.RUNTIME_VERSION_FIELD_NUMBER)));
    } catch (MalformedMessageException e) {
      return UNKNOWN;
    }
  }
}
