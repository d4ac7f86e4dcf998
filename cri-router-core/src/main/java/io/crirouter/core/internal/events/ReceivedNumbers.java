package io.crirouter.core.internal.events;

import java.util.HashMap;
import java.util.Map;

/**
 * The numbers of events that arrive while lists are under way, by the object that they are about.
 * Bounded: if they are too many, each object counts as one about which an event arrived, so that
 * these lists count for none. Not thread-safe.
 */
final class ReceivedNumbers {
  static final int MAX_OBJECTS = 20_000;

  /** The number of the last event about each container or sandbox. */
  private final Map<String, Long> ofObjects = new HashMap<>();

  /** The number of the last event with the state of each sandbox. */
  private final Map<String, Long> ofSandboxes = new HashMap<>();

  private boolean isFull;

  void clear() {
    ofObjects.clear();
    ofSandboxes.clear();
    isFull = false;
  }

  /** Keeps the number of an event. */
  void put(String id, String sandbox, long number) {
    isFull |= ofObjects.size() >= MAX_OBJECTS;
    if (!isFull) {
      ofObjects.put(id, number);
      ofSandboxes.put(sandbox, number);
    }
  }

  /** Whether there were too many. */
  boolean isFull() {
    return isFull;
  }

  /** Whether an event about {@code id} arrived after the number {@code asked}. */
  boolean isObjectNewerThan(String id, long asked) {
    return isFull || ofObjects.getOrDefault(id, 0L) > asked;
  }

  /** Whether an event with the state of {@code sandbox} arrived after the number {@code asked}. */
  boolean isSandboxNewerThan(String sandbox, long asked) {
    return isFull || ofSandboxes.getOrDefault(sandbox, 0L) > asked;
  }
}
