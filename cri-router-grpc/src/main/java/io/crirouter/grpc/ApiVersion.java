package io.crirouter.grpc;

/**
 * A version of CRI. The two have the same rpcs and the same messages on the wire, under other
 * service names; v1 has grown since.
 */
public enum ApiVersion {
  /** {@code runtime.v1}, served by every runtime of Kubernetes 1.26 and later. */
  V1("v1"),
  /** {@code runtime.v1alpha2}, its predecessor, the last release of which was Kubernetes 1.25. */
  V1ALPHA2("v1alpha2");

  private final String wireName;

  ApiVersion(String wireName) {
    this.wireName = wireName;
  }

  /** The version as service names have it: {@code v1} in {@code runtime.v1.RuntimeService}. */
  public String wireName() {
    return wireName;
  }

  @Override
  public String toString() {
    return wireName;
  }
}
