package io.crirouter.core;

/**
 * How the router finds out who owns a pod sandbox or container that exists, from its id alone.
 *
 * <p>The primary's ids are the same on both sides under every strategy, so that a node with running
 * pods can adopt the router and give it up again.
 */
public sealed interface IdStrategy {
  /**
   * The ids of a secondary carry its prefix towards the client, {@code virt__0123...}. Needs no
   * memory: whoever sees the id sees the owner.
   */
  static IdStrategy prefixed() {
    return new Prefixed();
  }

  /**
   * All ids are the same on both sides, so that every tool on the node sees the ids that the
   * runtimes themselves use, and answers pass without a change. Whose each id is, is learned from
   * the answers that pass, and kept by the {@link StateStore} over a restart. What no runtime is
   * known to have is UNAVAILABLE as long as a runtime that may have it has not said so.
   */
  static IdStrategy nativeIds() {
    return new Native();
  }

  /** See {@link #nativeIds()}. */
  record Native() implements IdStrategy {
    @Override
    public String toString() {
      return "native";
    }
  }

  /** See {@link #prefixed()}. */
  record Prefixed() implements IdStrategy {
    @Override
    public String toString() {
      return "prefixed";
    }
  }
}
