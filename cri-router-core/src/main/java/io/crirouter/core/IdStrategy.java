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

  /** See {@link #prefixed()}. */
  record Prefixed() implements IdStrategy {}
}
