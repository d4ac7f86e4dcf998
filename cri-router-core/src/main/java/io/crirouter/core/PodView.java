package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Map;

/**
 * A new pod, as a {@link RoutingPolicy} sees it. Immutable. The router makes them; tests of a
 * policy can with {@link #builder}.
 */
public final class PodView {
  private final String namespace;
  private final String name;
  private final String uid;
  private final Map<String, String> labels;
  private final Map<String, String> annotations;
  private final String runtimeHandler;
  private final boolean hostNetwork;
  private final boolean hostPid;
  private final boolean hostIpc;
  private final boolean privileged;

  private PodView(Builder builder) {
    namespace = builder.namespace;
    name = builder.name;
    uid = builder.uid;
    // Unlike those of Map.copyOf, lookups and copies stay quick if the hashes of keys collide.
    labels = ImmutableMap.copyOf(builder.labels);
    annotations = ImmutableMap.copyOf(builder.annotations);
    runtimeHandler = builder.runtimeHandler;
    hostNetwork = builder.hostNetwork;
    hostPid = builder.hostPid;
    hostIpc = builder.hostIpc;
    privileged = builder.privileged;
  }

  /** A pod of which nothing is known. */
  public static Builder builder() {
    return new Builder();
  }

  /** The pod's namespace. */
  public String namespace() {
    return namespace;
  }

  /** The pod's name. */
  public String name() {
    return name;
  }

  /**
   * The pod's uid, the same on each retry. Empty in the question about an image call, which does
   * not tell it.
   */
  public String uid() {
    return uid;
  }

  /** The pod's labels. */
  public Map<String, String> labels() {
    return labels;
  }

  /** The pod's annotations. */
  public Map<String, String> annotations() {
    return annotations;
  }

  /** The runtime handler that the pod's RuntimeClass asks for, empty if none. */
  public String runtimeHandler() {
    return runtimeHandler;
  }

  /** Whether the pod shares the node's network namespace. */
  public boolean hostNetwork() {
    return hostNetwork;
  }

  /** Whether the pod shares the node's process ids. */
  public boolean hostPid() {
    return hostPid;
  }

  /** Whether the pod shares the node's IPC namespace. */
  public boolean hostIpc() {
    return hostIpc;
  }

  /** Whether the pod may have privileged containers. */
  public boolean privileged() {
    return privileged;
  }

  static ImmutableMap<String, String> union(Map<String, String> some, Map<String, String> more) {
    return some.isEmpty()
        ? ImmutableMap.copyOf(more)
        : ImmutableMap.<String, String>builder().putAll(some).putAll(more).buildKeepingLast();
  }

  /** The pod's namespace and name, for messages. */
  @Override
  public String toString() {
    return "pod " + namespace + "/" + name;
  }

  /** Makes views. All texts are empty and all flags false unless they are set. Not thread-safe. */
  public static final class Builder {
    private String namespace = "";
    private String name = "";
    private String uid = "";
    private Map<String, String> labels = ImmutableMap.of();
    private Map<String, String> annotations = ImmutableMap.of();
    private String runtimeHandler = "";
    private boolean hostNetwork;
    private boolean hostPid;
    private boolean hostIpc;
    private boolean privileged;

    private Builder() {}

    /** The namespace. */
    @CanIgnoreReturnValue
    public Builder namespace(String value) {
      namespace = requireNonNull(value, "namespace");
      return this;
    }

    /** The name. */
    @CanIgnoreReturnValue
    public Builder name(String value) {
      name = requireNonNull(value, "name");
      return this;
    }

    /** The uid. */
    @CanIgnoreReturnValue
    public Builder uid(String value) {
      uid = requireNonNull(value, "uid");
      return this;
    }

    /** One more label. */
    @CanIgnoreReturnValue
    public Builder label(String key, String value) {
      labels = union(labels, Map.of(key, value));
      return this;
    }

    /** More labels. */
    @CanIgnoreReturnValue
    public Builder labels(Map<String, String> values) {
      labels = union(labels, values);
      return this;
    }

    /** One more annotation. */
    @CanIgnoreReturnValue
    public Builder annotation(String key, String value) {
      annotations = union(annotations, Map.of(key, value));
      return this;
    }

    /** More annotations. */
    @CanIgnoreReturnValue
    public Builder annotations(Map<String, String> values) {
      annotations = union(annotations, values);
      return this;
    }

    /** The runtime handler. */
    @CanIgnoreReturnValue
    public Builder runtimeHandler(String value) {
      runtimeHandler = requireNonNull(value, "runtimeHandler");
      return this;
    }

    /** Whether it shares the node's network namespace. */
    @CanIgnoreReturnValue
    public Builder hostNetwork(boolean value) {
      hostNetwork = value;
      return this;
    }

    /** Whether it shares the node's process ids. */
    @CanIgnoreReturnValue
    public Builder hostPid(boolean value) {
      hostPid = value;
      return this;
    }

    /** Whether it shares the node's IPC namespace. */
    @CanIgnoreReturnValue
    public Builder hostIpc(boolean value) {
      hostIpc = value;
      return this;
    }

    /** Whether it may have privileged containers. */
    @CanIgnoreReturnValue
    public Builder privileged(boolean value) {
      privileged = value;
      return this;
    }

    /** The view. */
    public PodView build() {
      return new PodView(this);
    }
  }
}
