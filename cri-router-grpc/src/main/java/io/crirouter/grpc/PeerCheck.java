package io.crirouter.grpc;

import static java.util.stream.Collectors.joining;

import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Closes connections of users that may not connect, before a byte is read. The kernel tells the
 * user of the client process at the time of its connect (SO_PEERCRED).
 */
@Sharable
final class PeerCheck extends ChannelInboundHandlerAdapter {
  private static final RateLimitedLog LOG = RateLimitedLog.of(PeerCheck.class);

  private final Path socket;
  private final Set<Integer> uids;

  PeerCheck(Path socket, Set<Integer> uids) {
    this.socket = socket;
    this.uids = Set.copyOf(uids);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    EpollDomainSocketChannel channel = (EpollDomainSocketChannel) accepted;
    if (isAllowed(channel)) {
      context.fireChannelRead(accepted);
    } else {
      channel.unsafe().closeForcibly();
    }
  }

  /** Whether the user may connect. A user that the kernel does not tell may not. */
  private boolean isAllowed(EpollDomainSocketChannel channel) {
    try {
      PeerCredentials peer = channel.peerCredentials();
      if (uids.contains(peer.uid())) {
        return true;
      }
      LOG.log(
          Level.WARNING,
          () ->
              String.format(
                  "refused a connection to %s of process %d with uid %s: only uid %s may connect",
                  socket, peer.pid(), Integer.toUnsignedString(peer.uid()), allowed()));
    } catch (IOException e) {
      LOG.log(
          Level.WARNING,
          () -> "refused a connection to " + socket + ": cannot read its user: " + e);
    }
    return false;
  }

  private String allowed() {
    return new TreeSet<>(uids).stream().map(Integer::toUnsignedString).collect(joining(", "));
  }
}
