package io.crirouter.core.owners;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.core.wire.WireWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The ids of one backend as they are kept over a restart of the router.
 *
 * @param owner the backend, which need not be configured any more
 * @param sandboxes its pod sandboxes
 * @param containers its containers
 * @param removedSandboxes pod sandboxes that it had a short while ago
 * @param removedContainers containers that it had a short while ago
 */
record KeptOwners(
    BackendName owner,
    Collection<String> sandboxes,
    Collection<String> containers,
    Collection<String> removedSandboxes,
    Collection<String> removedContainers) {
  /** The part of the router's memory that holds them. */
  static final String PART = "owners";

  private static final int ENTRY = 1;

  /** Numbers in an entry; files that exist hold them. */
  private static final int OWNER = 1;

  private static final int SANDBOXES = 2;
  private static final int CONTAINERS = 3;
  private static final int REMOVED_SANDBOXES = 4;
  private static final int REMOVED_CONTAINERS = 5;

  /** All ids, kind by kind. */
  List<Collection<String>> all() {
    return List.of(removedSandboxes, removedContainers, sandboxes, containers);
  }

  /** Whether the backend has and had nothing. */
  boolean isEmpty() {
    return all().stream().allMatch(Collection::isEmpty);
  }

  static ByteString write(Iterable<KeptOwners> all) {
    WireWriter state = new WireWriter();
    for (KeptOwners kept : all) {
      WireWriter entry = new WireWriter().string(OWNER, kept.owner.value());
      kept.sandboxes.forEach(id -> entry.element(SANDBOXES, id));
      kept.containers.forEach(id -> entry.element(CONTAINERS, id));
      kept.removedSandboxes.forEach(id -> entry.element(REMOVED_SANDBOXES, id));
      kept.removedContainers.forEach(id -> entry.element(REMOVED_CONTAINERS, id));
      state.message(ENTRY, entry.toByteString());
    }
    return state.toByteString();
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if the name of an owner cannot be one
   */
  static List<KeptOwners> read(ByteString state) throws MalformedMessageException {
    List<KeptOwners> all = new ArrayList<>();
    for (WireMessage entry : WireMessage.parse(state).messages(ENTRY)) {
      all.add(
          new KeptOwners(
              BackendName.of(entry.string(OWNER)),
              entry.strings(SANDBOXES),
              entry.strings(CONTAINERS),
              entry.strings(REMOVED_SANDBOXES),
              entry.strings(REMOVED_CONTAINERS)));
    }
    return all;
  }
}
