package io.crirouter.examples.criproxy.config;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Map;

/** Parses TCP addresses. A port without an address is one of the loopback interface. */
final class TcpAddress {
  static final ValueShape<InetSocketAddress> SHAPE =
      new ValueShape<>(
          "PORT of the loopback interface, or IP:PORT",
          TcpAddress::read,
          Map.of("type", List.of("string", "integer")));

  /** An address to connect to, which may also be a UNIX socket. */
  static final ValueShape<SocketAddress> OR_SOCKET =
      new ValueShape<>(
          "/PATH or unix:///PATH of a socket, PORT of the loopback interface, or IP:PORT",
          TcpAddress::readOrSocket,
          Map.of("type", List.of("string", "integer")));

  private TcpAddress() {}

  private static SocketAddress readOrSocket(String value) {
    if (value.startsWith("/") || value.startsWith("unix:")) {
      return UnixDomainSocketAddress.of(Values.SOCKET.parser().apply(value));
    }
    InetSocketAddress address = read(value);
    if (address.getPort() == 0) {
      throw new IllegalArgumentException("'" + value + "' is not a port to connect to");
    }
    return address;
  }

  /** Resolves no names but localhost, because their addresses may change. */
  private static InetSocketAddress read(String value) {
    try {
      if (value.matches("[0-9]+")) {
        return at(InetAddress.getLoopbackAddress(), Integer.parseInt(value));
      }
      HostAndPort parts = HostAndPort.fromString(value);
      InetAddress host =
          parts.getHost().equals("localhost")
              ? InetAddress.getLoopbackAddress()
              : InetAddresses.forString(parts.getHost());
      return at(host, parts.getPort());
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "'" + value + "' is not an address: write 9095, 127.0.0.1:9095 or [::1]:9095, say", e);
    }
  }

  private static InetSocketAddress at(InetAddress host, int port) {
    return new InetSocketAddress(host, port);
  }
}
