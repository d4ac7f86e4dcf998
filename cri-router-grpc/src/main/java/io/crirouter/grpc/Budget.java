package io.crirouter.grpc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Limits the bytes that are held for calls, for each connection and for all together. If all
 * together hold too much, reservations that wait for their clients are evicted, the oldest first.
 *
 * <p>Thread-safe. Evictions run outside the lock.
 */
final class Budget {
  /** A reservation that waits for its client for less than this is not evicted. */
  static final Duration MIN_AGE = Duration.ofSeconds(1);

  private final long guaranteed;
  private final long perConnection;
  private final long total;
  private final LongSupplier nanoTime;
  private final Set<Reservation> evictable = new LinkedHashSet<>();
  private long held;

  /**
   * A budget without reservations. All limits are in bytes.
   *
   * @param guaranteed what each connection may hold even if {@code total} is reached, so that small
   *     calls succeed
   */
  Budget(long guaranteed, long perConnection, long total, LongSupplier nanoTime) {
    this.guaranteed = guaranteed;
    this.perConnection = perConnection;
    this.total = total;
    this.nanoTime = nanoTime;
  }

  /** The bytes of one connection. */
  static final class Share {
    private long held;
  }

  /** The bytes of one call. */
  static final class Reservation {
    private final Share share;
    private final Runnable onEviction;
    private long bytes;
    private long evictableSince;

    /** A reservation of no bytes. */
    Reservation(Share share, Runnable onEviction) {
      this.share = share;
      this.onEviction = onEviction;
    }
  }

  synchronized long held() {
    return held;
  }

  /**
   * Takes {@code bytes} more, if there is room. A connection that holds nothing may exceed its own
   * limit.
   *
   * @param waitsForClient whether the bytes become free only if the client acts, see {@link
   *     #allowEviction}
   */
  boolean take(Reservation reservation, long bytes, boolean waitsForClient) {
    List<Reservation> evicted;
    synchronized (this) {
      Share share = reservation.share;
      if (share.held > 0 && share.held + bytes > perConnection) {
        return false;
      }
      boolean fits = held == 0 || held + bytes <= total || share.held + bytes <= guaranteed;
      evicted = fits ? List.of() : makeRoom(reservation, bytes);
      if (!fits && evicted.isEmpty()) {
        return false;
      }
      add(reservation, bytes);
      if (waitsForClient) {
        allowEviction(reservation);
      }
    }
    evicted.forEach(each -> each.onEviction.run());
    return true;
  }

  /** Evicts the oldest reservations if that makes enough room. Returns them, else an empty list. */
  private List<Reservation> makeRoom(Reservation requester, long bytes) {
    List<Reservation> evicted = new ArrayList<>();
    long now = nanoTime.getAsLong();
    long room = total - held;
    for (Reservation oldest : evictable) {
      if (room >= bytes || now - oldest.evictableSince < MIN_AGE.toNanos()) {
        break;
      }
      if (oldest != requester) {
        evicted.add(oldest);
        room += oldest.bytes;
      }
    }
    if (room < bytes) {
      return List.of();
    }
    evicted.forEach(this::free);
    return evicted;
  }

  /**
   * Takes bytes that are held already, even if there is no room.
   *
   * @return whether the connection holds no more than twice its limit
   */
  synchronized boolean takeAlways(Reservation reservation, long bytes) {
    add(reservation, bytes);
    return reservation.share.held <= 2 * perConnection;
  }

  /** Permits the eviction from now on: the reservation waits for its client. */
  synchronized void allowEviction(Reservation reservation) {
    if (evictable.add(reservation)) {
      reservation.evictableSince = nanoTime.getAsLong();
    }
  }

  /** Forbids the eviction: the reservation waits for the backend. */
  synchronized void forbidEviction(Reservation reservation) {
    evictable.remove(reservation);
  }

  /** Frees all bytes of the reservation. */
  synchronized void free(Reservation reservation) {
    evictable.remove(reservation);
    add(reservation, -reservation.bytes);
  }

  /**
   * Frees the bytes of the reservation for all together. They still count for the connection, until
   * the returned task is run.
   */
  synchronized Runnable freeTotal(Reservation reservation) {
    Share share = reservation.share;
    long bytes = reservation.bytes;
    free(reservation);
    share.held += bytes;
    return () -> freeShare(share, bytes);
  }

  private synchronized void freeShare(Share share, long bytes) {
    share.held -= bytes;
  }

  private void add(Reservation reservation, long bytes) {
    reservation.bytes += bytes;
    reservation.share.held += bytes;
    held += bytes;
  }
}
