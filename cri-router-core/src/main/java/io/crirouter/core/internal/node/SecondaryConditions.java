package io.crirouter.core.internal.node;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Condition;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeStatus;
import io.crirouter.proto.v1.StatusResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * A secondary's runtime conditions as optional conditions of the node, {@code NAME/RuntimeReady}
 * and so on. A kubelet shows them and acts only on the two without a prefix.
 */
final class SecondaryConditions {
  private static final int TYPE = RuntimeCondition.TYPE_FIELD_NUMBER;

  private static final String RUNTIME_READY = "RuntimeReady";
  private static final String CGROUP_DRIVER = "CgroupDriver";
  private static final String LISTS = "Lists";
  private static final String CONFIGURED = "Configured";

  private SecondaryConditions() {}

  /**
   * The serialized conditions.
   *
   * @param cgroupMismatch the message about its cgroup driver; empty if it does not differ
   */
  static List<ByteString> of(Backend backend, WireMessage lastStatus, String cgroupMismatch)
      throws MalformedMessageException {
    Condition condition = backend.health().condition();
    if (!condition.isReady()) {
      String message = backend.unavailable(condition.reason()).message();
      String type = backend.isConfigured() ? RUNTIME_READY : CONFIGURED;
      return List.of(write(backend, type, false, word(condition), message));
    }
    List<ByteString> conditions = new ArrayList<>();
    for (WireMessage said :
        lastStatus
            .message(StatusResponse.STATUS_FIELD_NUMBER)
            .messages(RuntimeStatus.CONDITIONS_FIELD_NUMBER)) {
      conditions.add(
          new WireWriter()
              .string(TYPE, backend.name() + "/" + said.string(TYPE))
              .raw(said.without(TYPE))
              .toByteString());
    }
    if (conditions.isEmpty()) {
      conditions.add(write(backend, RUNTIME_READY, true, "", ""));
    }
    String listFailures = backend.failingRpcs().listFailures();
    if (!listFailures.isEmpty()) {
      conditions.add(write(backend, LISTS, false, "LastKnownStateShown", listFailures));
    }
    if (!cgroupMismatch.isEmpty()) {
      conditions.add(write(backend, CGROUP_DRIVER, false, "DiffersFromPrimary", cgroupMismatch));
    }
    return conditions;
  }

  /** A condition in one CamelCase word, as Kubernetes writes reasons. */
  static String word(Condition condition) {
    return switch (condition.phase()) {
      case READY -> "Ready";
      case NEVER_SEEN -> "NeverSeen";
      case LOST -> condition.cause() == Condition.Cause.NOT_CONFIGURED ? "NotConfigured" : "Lost";
    };
  }

  private static ByteString write(
      Backend backend, String type, boolean status, String reason, String message) {
    return new WireWriter()
        .string(TYPE, backend.name() + "/" + type)
        .flag(RuntimeCondition.STATUS_FIELD_NUMBER, status)
        .string(RuntimeCondition.REASON_FIELD_NUMBER, reason)
        .string(RuntimeCondition.MESSAGE_FIELD_NUMBER, ClippedText.of(message))
        .toByteString();
  }
}
