package io.crirouter.core.internal.inventory;

import java.util.Map;

/**
 * The annotation in which a kubelet notes when it first saw a pod, to the nanosecond. It stamps
 * every pod with it, image calls for a pod carry it too, and no two pods of a node share it.
 */
public final class ConfigSeen {
  private static final String ANNOTATION = "kubernetes.io/config.seen";

  private ConfigSeen() {}

  /** The stamp among the annotations of a pod; empty if there is none that can be one. */
  public static String of(Map<String, String> annotations) {
    String seen = annotations.getOrDefault(ANNOTATION, "");
    return Limits.isUid(seen) ? seen : "";
  }
}
