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
 * Closes connections of users that may not connect, before a byte of theirs is read. The kernel
 * says who they are (SO_PEERCRED): the user of the process when it connected.
 */
@Sharable
final class PeerCheck extends ChannelInboundHandlerAdapter {
  private static final LimitedLog LOG = LimitedLog.of(PeerCheck.class);

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

  /** A peer that cannot be told is refused. */
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
          () -> "refused a connection to " + socket + ": its user cannot be told: " + e);
    }
    return false;
  }

  private String allowed() {
    return new TreeSet<>(uids).stream().map(Integer::toUnsignedString).collect(joining(", "));
  }
}
