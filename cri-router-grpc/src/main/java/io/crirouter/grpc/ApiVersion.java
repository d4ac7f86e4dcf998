package io.crirouter.grpc;

/**
 * A version of CRI. Both have the same rpcs and messages on the wire, with different service names.
 * v1 has rpcs and fields that v1alpha2 lacks.
 */
public enum ApiVersion {
  /** {@code runtime.v1}, served by every runtime of Kubernetes 1.26 and later. */
  V1("v1"),
  /** {@code runtime.v1alpha2}, its predecessor, which Kubernetes 1.26 removed. */
  V1ALPHA2("v1alpha2");

  private final String wireName;

  ApiVersion(String wireName) {
    this.wireName = wireName;
  }

  /** The version as it is in service names: {@code v1} in {@code runtime.v1.RuntimeService}. */
  public String wireName() {
    return wireName;
  }

  @Override
  public String toString() {
    return wireName;
  }
}
