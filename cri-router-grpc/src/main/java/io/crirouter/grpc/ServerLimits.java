package io.crirouter.grpc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;

/**
 * Limits for the clients of a {@link CriServer}, for each connection and for all together. Beyond a
 * limit a call ends with RESOURCE_EXHAUSTED, or a connection with GOAWAY (ENHANCE_YOUR_CALM). So a
 * client that sends without end or reads nothing does not exhaust the memory, and the others are
 * served. The defaults suit a node: a kubelet needs a small part of them, and a process with the
 * heap of the standalone proxy stays below 256 MiB.
 *
 * <p>Immutable. Made with a {@link #builder}.
 */
public final class ServerLimits {
  private final int maxRequestBytes;
  private final long requestBytesPerConnection;
  private final long requestBytes;
  private final long unreadBytesPerConnection;
  private final long unreadBytes;
  private final int callsPerConnection;
  private final int connections;
  private final int resets;
  private final Duration resetWindow;
  private final Duration handshakeTimeout;
  private final Duration idleTimeout;

  private ServerLimits(Builder builder) {
    this.maxRequestBytes = builder.maxRequestBytes;
    this.requestBytesPerConnection =
        Math.max(builder.requestBytesPerConnection, builder.maxRequestBytes);
    this.requestBytes = Math.max(builder.requestBytes, requestBytesPerConnection);
    this.unreadBytesPerConnection = builder.unreadBytesPerConnection;
    this.unreadBytes = Math.max(builder.unreadBytes, unreadBytesPerConnection);
    this.callsPerConnection = builder.callsPerConnection;
    this.connections = builder.connections;
    this.resets = builder.resets;
    this.resetWindow = builder.resetWindow;
    this.handshakeTimeout = builder.handshakeTimeout;
    this.idleTimeout = builder.idleTimeout;
  }

  /** All defaults. */
  public static ServerLimits defaults() {
    return builder().build();
  }

  /** A builder that begins with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** See {@link Builder#maxRequestBytes}. */
  public int maxRequestBytes() {
    return maxRequestBytes;
  }

  /** See {@link Builder#requestBytes}. */
  public long requestBytesPerConnection() {
    return requestBytesPerConnection;
  }

  /** See {@link Builder#requestBytes}. */
  public long requestBytes() {
    return requestBytes;
  }

  /** See {@link Builder#unreadBytes}. */
  public long unreadBytesPerConnection() {
    return unreadBytesPerConnection;
  }

  /** See {@link Builder#unreadBytes}. */
  public long unreadBytes() {
    return unreadBytes;
  }

  /** See {@link Builder#callsPerConnection}. */
  public int callsPerConnection() {
    return callsPerConnection;
  }

  /** See {@link Builder#connections}. */
  public int connections() {
    return connections;
  }

  /** See {@link Builder#resets}. */
  public int resets() {
    return resets;
  }

  /** See {@link Builder#resets}. */
  public Duration resetWindow() {
    return resetWindow;
  }

  /** See {@link Builder#handshakeTimeout}. */
  public Duration handshakeTimeout() {
    return handshakeTimeout;
  }

  /** See {@link Builder#idleTimeout}. */
  public Duration idleTimeout() {
    return idleTimeout;
  }

  @Override
  public String toString() {
    return "ServerLimits(maxRequestBytes="
        + maxRequestBytes
        + ", requestBytes="
        + requestBytesPerConnection
        + "/"
        + requestBytes
        + ", unreadBytes="
        + unreadBytesPerConnection
        + "/"
        + unreadBytes
        + ", callsPerConnection="
        + callsPerConnection
        + ", connections="
        + connections
        + ", resets="
        + resets
        + " in "
        + resetWindow
        + ", handshakeTimeout="
        + handshakeTimeout
        + ", idleTimeout="
        + idleTimeout
        + ")";
  }

  /** Configures {@link ServerLimits}. */
  public static final class Builder {
    private static final int MIB = 1 << 20;

    private int maxRequestBytes = 16 * MIB;
    private long requestBytesPerConnection = 24 * MIB;
    private long requestBytes = 32 * MIB;
    private long unreadBytesPerConnection = 24 * MIB;
    private long unreadBytes = 40 * MIB;
    private int callsPerConnection = 1000;
    private int connections = 128;
    private int resets = 1000;
    private Duration resetWindow = Duration.ofSeconds(10);
    private Duration handshakeTimeout = Duration.ofSeconds(10);
    private Duration idleTimeout = Duration.ofMinutes(15);

    private Builder() {}

    /**
     * The size of a request message in bytes, also when it is decompressed; by default 16 MiB, as
     * in containerd.
     */
    @CanIgnoreReturnValue
    public Builder maxRequestBytes(int bytes) {
      this.maxRequestBytes = (int) positive("maxRequestBytes", bytes);
      return this;
    }

    /**
     * The bytes of the requests of calls under way, complete or not; by default 24 MiB for each
     * connection and 32 MiB for all together. Each call counts 4 KiB more. Each connection may
     * always have 256 KiB. If all together have too much, the call whose request has been
     * incomplete for the longest time is ended. Raised to one request of {@link #maxRequestBytes}
     * if that is more.
     */
    @CanIgnoreReturnValue
    public Builder requestBytes(long perConnection, long total) {
      this.requestBytesPerConnection = positive("requestBytes per connection", perConnection);
      this.requestBytes = positive("requestBytes in total", total);
      return this;
    }

    /**
     * The bytes of answers that clients have not read; by default 24 MiB for each connection and 40
     * MiB for all together. A call whose answer would exceed that ends with RESOURCE_EXHAUSTED,
     * unless the connection has no other unread answer. If all together have too much, the
     * connection that has left an answer unread for the longest time, and for more than a second,
     * is closed.
     */
    @CanIgnoreReturnValue
    public Builder unreadBytes(long perConnection, long total) {
      this.unreadBytesPerConnection = positive("unreadBytes per connection", perConnection);
      this.unreadBytes = positive("unreadBytes in total", total);
      return this;
    }

    /** The calls under way on one connection, by default 1,000. Further ones wait. */
    @CanIgnoreReturnValue
    public Builder callsPerConnection(int count) {
      this.callsPerConnection = (int) positive("callsPerConnection", count);
      return this;
    }

    /**
     * The number of connections, by default 128. For one more, the one that has been without calls
     * for the longest time is closed. If all have calls, the new one is closed.
     */
    @CanIgnoreReturnValue
    public Builder connections(int count) {
      this.connections = (int) positive("connections", count);
      return this;
    }

    /**
     * The calls that a client may reset on one connection within {@code window}, which is in whole
     * seconds; by default 1,000 in 10 s. After that the connection is closed.
     */
    @CanIgnoreReturnValue
    public Builder resets(int count, Duration window) {
      this.resets = (int) positive("resets", count);
      this.resetWindow = Duration.ofSeconds(positive("the window of resets", window.toSeconds()));
      return this;
    }

    /** The time for the HTTP/2 handshake of a new connection, by default 10 s. */
    @CanIgnoreReturnValue
    public Builder handshakeTimeout(Duration limit) {
      this.handshakeTimeout = positive("handshakeTimeout", limit);
      return this;
    }

    /** The time after which a connection without calls is closed, by default 15 min. */
    @CanIgnoreReturnValue
    public Builder idleTimeout(Duration limit) {
      this.idleTimeout = positive("idleTimeout", limit);
      return this;
    }

    /** Builds the limits. */
    public ServerLimits build() {
      return new ServerLimits(this);
    }

    private static long positive(String what, long value) {
      if (value < 1) {
        throw new IllegalArgumentException(what + " must be at least 1, not " + value);
      }
      return value;
    }

    private static Duration positive(String what, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(what + " must be positive, not " + value);
      }
      return value;
    }
  }
}
