package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Map;

/**
 * An image call, as a {@link RoutingPolicy} sees it. Immutable. The router makes them; tests of a
 * policy can with {@link #builder}.
 */
public final class ImageView {
  private final String name;
  private final Map<String, String> annotations;
  private final String runtimeHandler;
  private final boolean forPod;

  private ImageView(Builder builder) {
    name = builder.name;
    // Unlike those of Map.copyOf, lookups and copies stay quick if the hashes of keys collide.
    annotations = ImmutableMap.copyOf(builder.annotations);
    runtimeHandler = builder.runtimeHandler;
    forPod = builder.forPod;
  }

  /** A call about the image that the client names so. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** The image name as the client gave it. */
  public String name() {
    return name;
  }

  /** The annotations of the pod for which the call is made. */
  public Map<String, String> annotations() {
    return annotations;
  }

  /**
   * The runtime handler of that pod; empty if it is unknown. Kubelets tell it behind a feature
   * gate.
   */
  public String runtimeHandler() {
    return runtimeHandler;
  }

  /**
   * Whether a kubelet makes the call for a pod. An image is of use to a pod only at the runtime of
   * the pod. Tools on the node (crictl) make calls without a pod.
   */
  public boolean isForPod() {
    return forPod;
  }

  /** The caller, for messages. */
  @Override
  public String toString() {
    return (forPod ? "the pod that uses image " : "the call about image ") + name;
  }

  /**
   * Makes views of calls for a pod without annotations, unless it is told more. Not thread-safe.
   */
  public static final class Builder {
    private final String name;
    private Map<String, String> annotations = ImmutableMap.of();
    private String runtimeHandler = "";
    private boolean forPod = true;

    private Builder(String name) {
      this.name = requireNonNull(name, "name");
    }

    /** One more annotation of the pod. */
    @CanIgnoreReturnValue
    public Builder annotation(String key, String value) {
      annotations = PodView.union(annotations, Map.of(key, value));
      return this;
    }

    /** More annotations of the pod. */
    @CanIgnoreReturnValue
    public Builder annotations(Map<String, String> values) {
      annotations = PodView.union(annotations, values);
      return this;
    }

    /** The runtime handler of the pod. */
    @CanIgnoreReturnValue
    public Builder runtimeHandler(String value) {
      runtimeHandler = requireNonNull(value, "runtimeHandler");
      return this;
    }

    /** Whether the call is made for a pod. */
    @CanIgnoreReturnValue
    public Builder forPod(boolean value) {
      forPod = value;
      return this;
    }

    /** The view. */
    public ImageView build() {
      return new ImageView(this);
    }
  }
}
