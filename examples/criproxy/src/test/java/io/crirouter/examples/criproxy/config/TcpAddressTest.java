package io.crirouter.examples.criproxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.examples.criproxy.config.ConfigNode.Text;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TcpAddressTest {
  private static InetSocketAddress read(String value) {
    return TcpAddress.SHAPE.read(new Text(value, Origin.DEFAULT));
  }

  @ParameterizedTest
  @CsvSource({
    "9095, 127.0.0.1, 9095",
    "localhost:9095, 127.0.0.1, 9095",
    "127.0.0.2:1, 127.0.0.2, 1",
    "0.0.0.0:65535, 0.0.0.0, 65535",
    "[::1]:9095, 0:0:0:0:0:0:0:1, 9095",
    "0, 127.0.0.1, 0"
  })
  void whatIsAccepted(String value, String host, int port) {
    assertThat(read(value).getAddress().getHostAddress()).isEqualTo(host);
    assertThat(read(value).getPort()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "65536",
        "99999999999",
        "127.0.0.1",
        ":9095",
        "::1:9095",
        "node.example:9095",
        "http://127.0.0.1:9095",
        "127.0.0.1:9095/metrics",
        "/run/metrics.sock"
      })
  void whatIsNot(String value) {
    assertThatThrownBy(() -> read(value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'" + value + "' is not an address: write 9095, 127.0.0.1:9095 or [::1]:9095, say");
  }

  @ParameterizedTest
  @CsvSource({
    "4317, /127.0.0.1:4317",
    "10.0.0.7:4317, /10.0.0.7:4317",
    "/run/otel.sock, /run/otel.sock",
    "unix:///run/otel.sock, /run/otel.sock"
  })
  void whatIsConnectedToMayBeASocketToo(String value, String address) {
    assertThat(TcpAddress.OR_SOCKET.read(new Text(value, Origin.DEFAULT)).toString())
        .endsWith(address);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "http://127.0.0.1:4317", "unix:otel.sock", "otel.sock"})
  void addressesToConnectToAreChecked(String value) {
    assertThatThrownBy(() -> TcpAddress.OR_SOCKET.read(new Text(value, Origin.DEFAULT)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + value + "' is not a");
  }
}
