package io.crirouter.examples.criproxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The limits of the HTTP server. */
@Timeout(60)
class HttpListenerTest {
  @TempDir private Path folder;

  @BeforeAll
  static void shortenLimits() {
    MeteredProxy.shortenLimits();
  }

  private static Socket connect(InetSocketAddress address, String sent) throws IOException {
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(30_000);
    socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void otherPathsAndMethodsAreRefused() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      assertThat(proxy.get("/").status()).isEqualTo(404);
      assertThat(proxy.get("/metrics/x").status()).isEqualTo(404);
      assertThat(proxy.get("/livezz").status()).isEqualTo(404);
      assertThat(proxy.request("POST", "/metrics").status()).isEqualTo(405);
      assertThat(proxy.request("DELETE", "/readyz").status()).isEqualTo(405);
    }
  }

  @Test
  void incompleteRequestsTimeOutAndOthersAreServed() throws Exception {
    try (MeteredProxy proxy = new MeteredProxy(folder).listen();
        Socket slow = connect(proxy.address(), "GET /metrics HTTP/1.1\r\n")) {
      assertThat(proxy.get("/livez").status()).isEqualTo(200);

      assertThat(slow.getInputStream().read()).as("the end, after a while").isEqualTo(-1);
    }
  }

  @Test
  void othersAreServedAfterManySilentConnections() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try (MeteredProxy proxy = new MeteredProxy(folder).listen()) {
      for (int i = 0; i < 2 * HttpListener.MAX_CONNECTIONS; i++) {
        silent.add(connect(proxy.address(), ""));
      }
      int ended = 0;
      for (Socket socket : silent.subList(0, HttpListener.MAX_CONNECTIONS)) {
        ended += socket.getInputStream().read() < 0 ? 1 : 0;
      }
      for (Socket socket : silent) {
        socket.close();
      }

      assertThat(ended).isEqualTo(HttpListener.MAX_CONNECTIONS);
      assertThat(proxy.get("/livez").status()).isEqualTo(200);
    }
  }
}
