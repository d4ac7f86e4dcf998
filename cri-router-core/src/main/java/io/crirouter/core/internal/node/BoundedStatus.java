package io.crirouter.core.internal.node;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeStatus;
import io.crirouter.proto.v1.StatusResponse;

/**
 * The Status of a secondary as it is kept: what a secondary says must not fill the memory, nor make
 * the node's Status longer than a kubelet takes. Conditions are cut, and what exceeds a section's
 * bytes is left out.
 */
final class BoundedStatus {
  private static final int MAX_CONDITIONS_BYTES = 32 << 10;
  private static final int MAX_HANDLERS_BYTES = 64 << 10;
  private static final int MAX_FEATURES_BYTES = 1 << 10;

  /** Containerd's info has about 20 KiB. */
  private static final int MAX_INFO_BYTES = 64 << 10;

  private BoundedStatus() {}

  /** A bounded copy of a StatusResponse. */
  static WireMessage of(WireMessage said) throws MalformedMessageException {
    WireWriter kept =
        new WireWriter().message(StatusResponse.STATUS_FIELD_NUMBER, conditions(said));
    ByteString features = said.value(StatusResponse.FEATURES_FIELD_NUMBER);
    if (features.size() <= MAX_FEATURES_BYTES) {
      kept.message(StatusResponse.FEATURES_FIELD_NUMBER, features);
    }
    Section handlers =
        new Section(kept, StatusResponse.RUNTIME_HANDLERS_FIELD_NUMBER, MAX_HANDLERS_BYTES);
    said.values(StatusResponse.RUNTIME_HANDLERS_FIELD_NUMBER).forEach(handlers::add);
    Section info = new Section(kept, StatusResponse.INFO_FIELD_NUMBER, MAX_INFO_BYTES);
    said.stringMap(StatusResponse.INFO_FIELD_NUMBER).forEach((key, value) -> add(info, key, value));
    return WireMessage.parse(kept.toByteString());
  }

  private static ByteString conditions(WireMessage said) throws MalformedMessageException {
    WireWriter status = new WireWriter();
    Section conditions =
        new Section(status, RuntimeStatus.CONDITIONS_FIELD_NUMBER, MAX_CONDITIONS_BYTES);
    for (WireMessage condition :
        said.message(StatusResponse.STATUS_FIELD_NUMBER)
            .messages(RuntimeStatus.CONDITIONS_FIELD_NUMBER)) {
      conditions.add(
          new WireWriter()
              .string(
                  RuntimeCondition.TYPE_FIELD_NUMBER,
                  ClippedText.of(condition.string(RuntimeCondition.TYPE_FIELD_NUMBER)))
              .flag(
                  RuntimeCondition.STATUS_FIELD_NUMBER,
                  condition.flag(RuntimeCondition.STATUS_FIELD_NUMBER))
              .string(
                  RuntimeCondition.REASON_FIELD_NUMBER,
                  ClippedText.of(condition.string(RuntimeCondition.REASON_FIELD_NUMBER)))
              .string(
                  RuntimeCondition.MESSAGE_FIELD_NUMBER,
                  ClippedText.of(condition.string(RuntimeCondition.MESSAGE_FIELD_NUMBER)))
              .toByteString());
    }
    return status.toByteString();
  }

  /** A value is never cut: tools parse it, and crictl shows nothing at all if it cannot. */
  private static void add(Section info, String key, String value) {
    String name = ClippedText.of(key);
    if (!info.add(name, value)) {
      int bytes = ByteString.copyFromUtf8(value).size();
      info.add(name, "left out, since it is too long: " + bytes + " bytes");
    }
  }
}
