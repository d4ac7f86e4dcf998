package io.crirouter.testkit.router;

/** A pod that was created through the router, and what has been asked about it since. */
final class ChaosPod {
  /** Which runtime has it. */
  final int runtime;

  final long createdAt;

  /** As the client knows it: another one where its runtime was renamed. */
  String id;

  long removalAskedAt = Long.MAX_VALUE;
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
