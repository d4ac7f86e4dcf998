package io.crirouter.core.internal.inventory;

import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import java.util.Map;

/**
 * The annotation {@code kubernetes.io/config.seen}: when the kubelet first saw a pod, to the
 * nanosecond. Every pod has it, image calls for a pod carry it, and no two pods of a node share it.
 */
public final class ConfigSeen {
  private static final String ANNOTATION = "kubernetes.io/config.seen";

  private ConfigSeen() {}

  /**
   * The value among the annotations of a message; empty if there is none, or one that is too long.
   *
   * @param field the map of annotations
   */
  static String of(WireMessage message, int field) throws MalformedMessageException {
    String seen = message.mapValue(field, ANNOTATION);
    return Limits.isUid(seen) ? seen : "";
  }

  /** The value among the annotations of a pod; empty if there is none, or one that is too long. */
  public static String of(Map<String, String> annotations) {
    String seen = annotations.getOrDefault(ANNOTATION, "");
    return Limits.isUid(seen) ? seen : "";
  }
}
