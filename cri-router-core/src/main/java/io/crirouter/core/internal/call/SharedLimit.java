package io.crirouter.core.internal.call;

/**
 * A limit on bytes, or on objects, that several users share. The more all hold, the less each may
 * hold, so that there is always something left for whoever holds little, however many hold as much
 * as they can. Thread-safe.
 */
public final class SharedLimit {
  private final long forOne;
  private final long forAll;
  private long held;

  /**
   * A limit of which nothing is taken.
   *
   * @param forOne what one user may hold while all others hold nothing
   * @param forAll what all users never hold together; the same as {@code forOne} if there is one
   *     user only
   */
  public SharedLimit(long forOne, long forAll) {
    this.forOne = forOne;
    this.forAll = forAll;
  }

  /** What one user may hold while all others hold nothing. */
  public long forOne() {
    return forOne;
  }

  /** What one user holds; nothing at first. */
  public Share share() {
    return new Share();
  }

  /** What one user holds. */
  public final class Share {
    private long own;

    /** What was given back, but is kept for what is taken next. */
    private long spare;

    private boolean keepsSpare;
    private boolean isClosed;

    private Share() {}

    /** Whether this user may hold {@code amount} instead of what it holds, which may be as much. */
    public boolean mayHold(long amount) {
      synchronized (SharedLimit.this) {
        long left = forAll - (held - own) - amount;
        // One alone reaches forOne when forAll - forOne is left: all keep this proportion.
        boolean fits = amount <= own || amount * (forAll - forOne) <= forOne * left;
        return fits && !isClosed;
      }
    }

    /** Whether this user may hold {@code amount} more. */
    public boolean mayTake(long amount) {
      synchronized (SharedLimit.this) {
        return mayHold(own + amount);
      }
    }

    /** Takes {@code amount} more; false if that is too much, and nothing is taken then. */
    public boolean take(long amount) {
      synchronized (SharedLimit.this) {
        long kept = Math.min(spare, amount);
        boolean isTaken = mayTake(amount - kept);
        if (isTaken) {
          spare -= kept;
          force(amount - kept);
        }
        return isTaken;
      }
    }

    /** Takes {@code amount} more, too much or not. */
    public void force(long amount) {
      synchronized (SharedLimit.this) {
        if (!isClosed) {
          own += amount;
          held += amount;
        }
      }
    }

    /** Gives back {@code amount} of what this user holds. */
    public void free(long amount) {
      synchronized (SharedLimit.this) {
        if (keepsSpare) {
          spare += amount;
        } else {
          force(-amount);
        }
      }
    }

    /** Keeps what is given back for what is taken next, until {@link #endReplacement}. */
    public void beginReplacement() {
      synchronized (SharedLimit.this) {
        keepsSpare = true;
      }
    }

    /** Gives back what is left. */
    public void endReplacement() {
      synchronized (SharedLimit.this) {
        keepsSpare = false;
        free(spare);
        spare = 0;
      }
    }

    /** Gives back all that this user holds. It can take nothing any more. */
    public void close() {
      synchronized (SharedLimit.this) {
        held -= own;
        own = 0;
        spare = 0;
        isClosed = true;
      }
    }
  }
}
