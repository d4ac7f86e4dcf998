package io.crirouter.examples.criproxy.config;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/** Addresses to listen at, for those who are not on this machine too if they say so. */
final class TcpAddress {
  static final ValueShape<InetSocketAddress> SHAPE =
      new ValueShape<>(
          "PORT of the loopback interface, or IP:PORT",
          TcpAddress::read,
          Map.of("type", List.of("string", "integer")));

  private TcpAddress() {}

  /** No name is resolved but that of the loopback interface: what it means would be a surprise. */
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
          "'" + value + "' is no address: write 9095, 127.0.0.1:9095 or [::1]:9095 say", e);
    }
  }

  private static InetSocketAddress at(InetAddress host, int port) {
    return new InetSocketAddress(host, port);
  }
}
