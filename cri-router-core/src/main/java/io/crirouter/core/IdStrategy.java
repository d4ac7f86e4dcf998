package io.crirouter.core;

/**
 * How the router finds the owner of a pod sandbox or container by its id.
 *
 * <p>The primary's ids are the same for client and runtime under every strategy, so that the router
 * can be put in front of a node with running pods and removed again.
 */
public sealed interface IdStrategy {
  /**
   * The ids of a secondary carry its prefix towards the client, {@code virt__0123...}. The id alone
   * shows the owner.
   */
  static IdStrategy prefixed() {
    return new Prefixed();
  }

  /**
   * All ids are the same for client and runtimes, so that every tool on the node sees the runtimes'
   * own ids, and responses pass unchanged. Owners are learned from responses, and kept by the
   * {@link StateStore} over a restart. An unknown id gets UNAVAILABLE as long as a runtime that may
   * have it has not listed its objects.
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
