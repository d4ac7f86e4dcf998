package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link HostNode} on this machine. */
class HostNodeTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Node node = new HostNode(Path.of("/"));

  @Test
  void processesHaveTheirCommandLines() throws IOException {
    long self = ProcessHandle.current().pid();

    assertThat(node.processes())
        .filteredOn(process -> process.pid() == self)
        .singleElement()
        .satisfies(
            process -> {
              assertThat(process.program()).isEqualTo("java");
              assertThat(process.command()).doesNotContain("");
              assertThat(process.started()).isPositive();
              assertThat(process.inContainer()).isFalse();
            });
  }

  @Test
  void theUnitIsTheInnermostServiceOfTheControlGroup() {
    assertThat(ProcessTable.unit("0::/system.slice/kubelet.service\n")).contains("kubelet.service");
    assertThat(ProcessTable.unit("0::/kubelet.slice/a.service/kubelet.service/sub\n"))
        .contains("kubelet.service");
    assertThat(ProcessTable.unit("3:cpu:/x.service\n1:name=systemd:/system.slice/k.service\n"))
        .contains("k.service");
    assertThat(ProcessTable.unit("0::/user.slice\n")).isEmpty();
  }

  @Test
  void commandsEndWithTheirOutputAndCode() throws IOException {
    CommandResult result = node.run(LIMIT, List.of("sh", "-c", "echo out; echo err >&2; exit 3"));

    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.output()).isEqualTo("out\nerr\n");
    assertThat(node.run(LIMIT, List.of("no-such-program")).exitCode()).isEqualTo(127);
  }

  @Test
  void aCommandThatDoesNotEndIsKilled() {
    assertThatThrownBy(() -> node.run(Duration.ofMillis(50), List.of("sleep", "100")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("sleep 100 did not end");
  }

  @Test
  void onlyStatus200IsOk() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean isGood = exchange.getRequestURI().getPath().equals("/healthz");
          exchange.sendResponseHeaders(isGood ? 200 : 500, -1);
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort();
      assertThat(node.answersOk(URI.create(url + "/healthz"))).isTrue();
      assertThat(node.answersOk(URI.create(url + "/other"))).isFalse();
    } finally {
      server.stop(0);
    }
    assertThat(node.answersOk(URI.create("http://127.0.0.1:1/"))).isFalse();
  }
}
