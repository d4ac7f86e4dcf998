package io.crirouter.testkit.router;

/** A pod that was created through the router. */
final class ChaosPod {
  /** The index of its runtime. */
  final int runtime;

  final long createdAt;

  /** The id for clients, which changes if the runtime is renamed. */
  String id;

  long removalRequestedAt = Long.MAX_VALUE;
  long removedAt = Long.MAX_VALUE;

  ChaosPod(int runtime, String id, long createdAt) {
    this.runtime = runtime;
    this.id = id;
    this.createdAt = createdAt;
  }

  @Override
  public String toString() {
    return "pod " + id;
  }
}
