package io.crirouter.core;

import io.crirouter.core.internal.naming.PrefixedIdCodec;

/**
 * How the router finds the owner of a pod sandbox or container by its id. There are two kinds: an
 * {@link IdCodec}, whose ids show their owner, and {@link #nativeIds()}, whose owners are learned.
 * Implement {@link IdCodec} for ids of your own form.
 *
 * <p>The primary's ids are the same for client and runtime under every strategy, so that the router
 * can be put in front of a node with running pods and removed again.
 */
public sealed interface IdStrategy permits IdCodec, NativeIdStrategy {
  /**
   * The ids of a secondary begin with its prefix and {@code __} towards the client, {@code
   * virt__0123...}. The prefix is made of the backend's name, or set by {@link
   * BackendOptions#withIdPrefix}.
   */
  static IdCodec prefixed() {
    return PrefixedIdCodec.INSTANCE;
  }

  /**
   * All ids are the same for client and runtimes, so that every tool on the node sees the runtimes'
   * own ids, and responses pass unchanged. Owners are learned from responses, and kept by the
   * {@link StateStore} over a restart. An unknown id gets UNAVAILABLE as long as a runtime that may
   * have it has not listed its objects.
   */
  static IdStrategy nativeIds() {
    return NativeIdStrategy.INSTANCE;
  }
}
