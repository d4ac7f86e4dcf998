package io.crirouter.core.internal.inventory;

import java.util.Map;

/**
 * The annotation {@code kubernetes.io/config.seen}: when the kubelet first saw a pod, to the
 * nanosecond. Every pod has it, image calls for a pod carry it, and no two pods of a node share it.
 */
public final class ConfigSeen {
  private static final String ANNOTATION = "kubernetes.io/config.seen";

  private ConfigSeen() {}

  /** The value among the annotations of a pod; empty if there is none, or one that is too long. */
  public static String of(Map<String, String> annotations) {
    String seen = annotations.getOrDefault(ANNOTATION, "");
    return Limits.isUid(seen) ? seen : "";
  }
}
