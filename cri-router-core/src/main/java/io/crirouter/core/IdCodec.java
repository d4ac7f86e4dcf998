package io.crirouter.core;

import java.util.Optional;

/**
 * Makes the ids that a client sees of the ids that secondaries gave to their pod sandboxes and
 * containers, so that each id shows its owner. The router never asks it about the primary, whose
 * ids do not change. {@link IdStrategy#prefixed()} is one.
 *
 * <p>The rules:
 *
 * <ul>
 *   <li>It is injective over all owners and ids: {@code decode(owner, encode(owner, id))} is {@code
 *       id}, and {@code decode(other, encode(owner, id))} is empty for every other owner.
 *   <li>It leaves the primary's ids alone: {@code decode(owner, id)} is empty and {@code
 *       isEncoded(id)} is false for an id as runtimes make them, 64 hexadecimal digits for example.
 *   <li>A client id has at most {@value #MAX_LENGTH} characters, all of them letters, digits,
 *       {@code _} or {@code .}, as far as the runtime's id has no others. A kubelet puts ids into
 *       file names and into {@code type://id}, and cuts them at the last {@code -}.
 *   <li>The beginning of a client id decodes to the beginning of the runtime's id, or to nothing.
 *       Where it decodes to nothing, the router compares it with the client ids that it knows: so
 *       shortened ids (crictl) work with every codec.
 *   <li>It is a pure function of its arguments, also over restarts: a kubelet keeps ids for as long
 *       as a pod lives.
 *   <li>It is thread-safe, fast and never blocks: it is called for each id in each message. It
 *       returns no null and throws nothing.
 * </ul>
 *
 * <p>{@link CriRouter.Builder#build} and {@link CriRouter#add} check these rules with ids that
 * runtimes could have, and refuse a codec that breaks one. While the router runs, each id is
 * decoded again before the client gets it. A codec that breaks a rule, throws or returns null then
 * fails the call with INTERNAL, naming the codec, and is logged as an error: no call ever goes to a
 * wrong runtime. {@code toString} is its name in these messages.
 */
public non-sealed interface IdCodec extends IdStrategy {
  /** The largest number of characters of a client id. */
  int MAX_LENGTH = 128;

  /**
   * The client's id.
   *
   * @param owner the secondary that has the object
   * @param id the id at its runtime; never empty
   */
  String encode(IdOwner owner, String id);

  /**
   * The id at the owner's runtime.
   *
   * @param clientId an id, or the beginning of one, as a client sent it; never empty
   * @return empty if {@code clientId} is no id of this owner
   */
  Optional<String> decode(IdOwner owner, String clientId);

  /**
   * Whether an id can only be one that this codec made, whoever its owner is. If the owner is not
   * known, such an id gets UNAVAILABLE: it belongs to a runtime that is no longer configured, and
   * the primary's NOT_FOUND would make a kubelet forget a pod that still runs. By default false.
   */
  default boolean isEncoded(String clientId) {
    return false;
  }
}
