package io.crirouter.grpc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Bytes that are held for calls, limited for each connection and for all. When all together hold
 * too much, what has been held for the longest time by somebody who should have let it go is
 * evicted.
 *
 * <p>Thread-safe; evictions run outside the lock.
 */
final class Budget {
  /** Whoever lets go within this time is not to blame. */
  static final Duration PATIENCE = Duration.ofSeconds(1);

  private final long guaranteed;
  private final long perConnection;
  private final long total;
  private final LongSupplier nanoTime;
  private final Set<Hold> pending = new LinkedHashSet<>();
  private long held;

  /**
   * A budget of which nothing is taken.
   *
   * @param guaranteed what a connection may hold however much all together do, so that small calls
   *     pass beside those of others that nobody can be blamed for
   */
  Budget(long guaranteed, long perConnection, long total, LongSupplier nanoTime) {
    this.guaranteed = guaranteed;
    this.perConnection = perConnection;
    this.total = total;
    this.nanoTime = nanoTime;
  }

  /** What one connection holds. */
  static final class Share {
    private long held;
  }

  /** What one call holds. */
  static final class Hold {
    private final Share share;
    private final Runnable evict;
    private long bytes;
    private long since;

    /** Nothing, for now. */
    Hold(Share share, Runnable evict) {
      this.share = share;
      this.evict = evict;
    }
  }

  synchronized long held() {
    return held;
  }

  /**
   * Takes {@code bytes} more, if there is room. The first of a connection always finds room in its
   * own part.
   *
   * @param pending whether the call's client is to do something, so that the bytes become free
   */
  boolean take(Hold hold, long bytes, boolean pending) {
    List<Hold> evicted;
    synchronized (this) {
      Share share = hold.share;
      if (share.held > 0 && share.held + bytes > perConnection) {
        return false;
      }
      boolean fits = held == 0 || held + bytes <= total || share.held + bytes <= guaranteed;
      evicted = fits ? List.of() : makeRoom(hold, bytes);
      if (!fits && evicted.isEmpty()) {
        return false;
      }
      add(hold, bytes);
      if (pending) {
        await(hold);
      }
    }
    evicted.forEach(each -> each.evict.run());
    return true;
  }

  /** Frees what was held for too long if that makes room enough. Returns whose that was. */
  private List<Hold> makeRoom(Hold newcomer, long bytes) {
    List<Hold> evicted = new ArrayList<>();
    long now = nanoTime.getAsLong();
    long room = total - held;
    for (Hold oldest : pending) {
      if (room >= bytes || now - oldest.since < PATIENCE.toNanos()) {
        break;
      }
      if (oldest != newcomer) {
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
   * Takes what is there already, room or not.
   *
   * @return whether the connection holds no more than twice its part
   */
  synchronized boolean force(Hold hold, long bytes) {
    add(hold, bytes);
    return hold.share.held <= 2 * perConnection;
  }

  /** From now on it is the client who is to do something. */
  synchronized void await(Hold hold) {
    if (pending.add(hold)) {
      hold.since = nanoTime.getAsLong();
    }
  }

  /** It is no longer the client who is to do something. */
  synchronized void settle(Hold hold) {
    pending.remove(hold);
  }

  /** Gives back all that the call holds. */
  synchronized void free(Hold hold) {
    pending.remove(hold);
    add(hold, -hold.bytes);
  }

  /**
   * Gives back what the call holds, as far as all together are concerned, while it goes on to count
   * as the connection's until the result is run.
   */
  synchronized Runnable owe(Hold hold) {
    Share share = hold.share;
    long bytes = hold.bytes;
    free(hold);
    share.held += bytes;
    return () -> repay(share, bytes);
  }

  private synchronized void repay(Share share, long bytes) {
    share.held -= bytes;
  }

  private void add(Hold hold, long bytes) {
    hold.bytes += bytes;
    hold.share.held += bytes;
    held += bytes;
  }
}
