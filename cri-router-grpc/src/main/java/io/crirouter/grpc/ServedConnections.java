package io.crirouter.grpc;

import static java.util.Objects.requireNonNull;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.SocketAddress;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a server. Limits their number from the moment they are accepted, even if they
 * send nothing, and gives each call its connection.
 *
 * <p>Thread-safe.
 */
@Sharable
final class ServedConnections extends ChannelInboundHandlerAdapter {
  private static final Attributes.Key<ServedConnection> CONNECTION =
      Attributes.Key.create("io.crirouter.grpc.connection");

  private static final Comparator<ServedConnection> LEAST_USED_FIRST =
      Comparator.comparing(ServedConnection::everCalled)
          .thenComparingLong(ServedConnection::idleSince);

  private final int limit;
  private final LongSupplier nanoTime;

  /** By remote address: the objects differ by connection, though all are equal. */
  private final IdentityHashMap<SocketAddress, ServedConnection> open = new IdentityHashMap<>();

  private final LongAdder refused = new LongAdder();
  private final LongAdder evicted = new LongAdder();

  ServedConnections(int limit, LongSupplier nanoTime) {
    this.limit = limit;
    this.nanoTime = nanoTime;
  }

  /** The connection of a call with these attributes. */
  static ServedConnection of(Attributes call) {
    return requireNonNull(call.get(CONNECTION), "the connection of the call");
  }

  /** Adds the connection to the attributes of its calls. */
  ServerTransportFilter filter() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes transport) {
        SocketAddress address = transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        synchronized (open) {
          return transport.toBuilder().set(CONNECTION, open.get(address)).build();
        }
      }
    };
  }

  int size() {
    synchronized (open) {
      return open.size();
    }
  }

  /** The number of connections that were closed when they were accepted, because of the limit. */
  long refused() {
    return refused.sum();
  }

  /** The number of idle connections that were closed in favour of new ones. */
  long evicted() {
    return evicted.sum();
  }

  /** Called for each accepted connection. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel channel = (Channel) accepted;
    SocketAddress address = channel.remoteAddress();
    ServedConnection connection = new ServedConnection(channel, nanoTime.getAsLong());
    ServedConnection surplus = null;
    boolean full;
    synchronized (open) {
      if (open.size() >= limit) {
        surplus = removeLongestIdle();
      }
      full = open.size() >= limit;
      if (!full) {
        open.put(address, connection);
      }
    }
    if (full) {
      refused.increment();
      channel.unsafe().closeForcibly();
      return;
    }
    if (surplus != null && surplus.close("too many connections, and this one has no calls")) {
      evicted.increment();
    }
    var unused = channel.closeFuture().addListener(closed -> forget(address));
    connection.listenToSettings();
    context.fireChannelRead(accepted);
  }

  private @Nullable ServedConnection removeLongestIdle() {
    Map.Entry<SocketAddress, ServedConnection> longest =
        open.entrySet().stream()
            .filter(entry -> entry.getValue().isIdle())
            .min(Map.Entry.comparingByValue(LEAST_USED_FIRST))
            .orElse(null);
    return longest == null ? null : open.remove(longest.getKey());
  }

  private void forget(SocketAddress address) {
    synchronized (open) {
      open.remove(address);
    }
  }
}
