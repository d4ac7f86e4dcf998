package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;

/**
 * How long the router waits for runtimes. No limit applies to the primary's responses to a client:
 * the router waits for these as long as the client does. Immutable.
 */
public final class Timeouts {
  /** Every limit as described at the methods of {@link Builder}. */
  public static final Timeouts DEFAULT = builder().build();

  private final Duration podLists;
  private final Duration otherMerges;
  private final Duration connecting;
  private final Duration ownQueries;
  private final Duration firstContact;
  private final Duration afterLoss;
  private final Duration lateAnswers;

  private Timeouts(Builder builder) {
    podLists = builder.podLists;
    otherMerges = builder.otherMerges;
    connecting = builder.connecting;
    ownQueries = builder.ownQueries;
    firstContact = builder.firstContact;
    afterLoss = builder.afterLoss;
    lateAnswers = builder.lateAnswers;
  }

  /** A builder in which every limit has its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** See {@link Builder#podLists}. */
  public Duration podLists() {
    return podLists;
  }

  /** See {@link Builder#otherMerges}. */
  public Duration otherMerges() {
    return otherMerges;
  }

  /** See {@link Builder#connecting}. */
  public Duration connecting() {
    return connecting;
  }

  /** See {@link Builder#ownQueries}. */
  public Duration ownQueries() {
    return ownQueries;
  }

  /** See {@link Builder#firstContact}. */
  public Duration firstContact() {
    return firstContact;
  }

  /** See {@link Builder#afterLoss}. */
  public Duration afterLoss() {
    return afterLoss;
  }

  /** See {@link Builder#lateAnswers}. */
  public Duration lateAnswers() {
    return lateAnswers;
  }

  @Override
  public String toString() {
    return String.format(
        "Timeouts(podLists %s, otherMerges %s, connecting %s, ownQueries %s, firstContact %s,"
            + " afterLoss %s, lateAnswers %s)",
        podLists, otherMerges, connecting, ownQueries, firstContact, afterLoss, lateAnswers);
  }

  /** Collects limits; each must be positive. Not thread-safe. */
  public static final class Builder {
    private Duration podLists = Duration.ofMillis(500);
    private Duration otherMerges = Duration.ofSeconds(5);
    private Duration connecting = Duration.ofSeconds(5);
    private Duration ownQueries = Duration.ofSeconds(5);
    private Duration firstContact = Duration.ofSeconds(3);
    private Duration afterLoss = Duration.ofSeconds(30);
    private Duration lateAnswers = Duration.ofMinutes(5);

    private Builder() {}

    /**
     * How long a list of pod sandboxes or containers waits for a secondary; half a second by
     * default. A kubelet makes such a list every second.
     */
    @CanIgnoreReturnValue
    public Builder podLists(Duration limit) {
      podLists = positive(limit);
      return this;
    }

    /**
     * How long any other merged response waits for a secondary: images, stats, metrics, searches;
     * five seconds by default.
     */
    @CanIgnoreReturnValue
    public Builder otherMerges(Duration limit) {
      otherMerges = positive(limit);
      return this;
    }

    /** How long a call waits for a secondary that is connecting; five seconds by default. */
    @CanIgnoreReturnValue
    public Builder connecting(Duration limit) {
      connecting = positive(limit);
      return this;
    }

    /**
     * How long the router waits for the response to a query of its own, which includes the Version
     * that probes a runtime; five seconds by default.
     */
    @CanIgnoreReturnValue
    public Builder ownQueries(Duration limit) {
      ownQueries = positive(limit);
      return this;
    }

    /** How long {@link CriRouter#firstContact} takes at most; three seconds by default. */
    @CanIgnoreReturnValue
    public Builder firstContact(Duration limit) {
      firstContact = positive(limit);
      return this;
    }

    /** How long calls under way may go on after their secondary is lost; 30 seconds by default. */
    @CanIgnoreReturnValue
    public Builder afterLoss(Duration limit) {
      afterLoss = positive(limit);
      return this;
    }

    /**
     * How long a response that missed its budget is still accepted, to update the last known state
     * of the secondary; five minutes by default.
     */
    @CanIgnoreReturnValue
    public Builder lateAnswers(Duration limit) {
      lateAnswers = positive(limit);
      return this;
    }

    private static Duration positive(Duration limit) {
      requireNonNull(limit, "limit");
      if (limit.isNegative() || limit.isZero()) {
        throw new IllegalArgumentException("a timeout must be positive, but one is " + limit);
      }
      return limit;
    }

    /** The limits. */
    public Timeouts build() {
      return new Timeouts(this);
    }
  }
}
