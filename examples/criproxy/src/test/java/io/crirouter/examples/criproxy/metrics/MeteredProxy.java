package io.crirouter.examples.criproxy.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.tracing.SpanCounts;
import io.crirouter.grpc.CriServer;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A proxy in this process, with metrics, between two fake runtimes that serve on sockets. */
final class MeteredProxy implements AutoCloseable {
  /** Short timeouts. They apply if this class is the first to use the JDK's server. */
  private static final Map<String, String> SHORT_LIMITS =
      Map.of(
          "sun.net.httpserver.idleInterval", "1",
          "sun.net.httpserver.clockTick", "100",
          "sun.net.httpserver.maxReqTime", "1",
          "sun.net.httpserver.timerMillis", "100");

  final FakeRuntime containerd = FakeRuntime.create("containerd");
  final FakeRuntime kata = FakeRuntime.create("kata");
  private Optional<CriServer> first;
  private final CriServer second;
  private final MetricsPart part;
  final ProxyService service;
  final CriClient client;

  /** An HTTP response. */
  record Answer(int status, String body) {
    /** The value of a series, as text. */
    String value(String series) {
      return body.lines()
          .filter(line -> line.startsWith(series + " "))
          .map(line -> line.substring(series.length() + 1))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + series + " in:\n" + body));
    }
  }

  /** Call this before any other HTTP server is created. */
  static void shortenLimits() {
    SHORT_LIMITS.forEach(System::setProperty);
  }

  MeteredProxy(Path folder) throws Exception {
    first = Optional.of(containerd.serve(folder.resolve("containerd.sock")));
    second = kata.serve(folder.resolve("kata.sock"));
    Path file = folder.resolve("criproxy.yaml");
    Files.writeString(
        file,
        """
        listen: %1$s/criproxy.sock
        backends:
          - {name: containerd, endpoint: %1$s/containerd.sock}
          - {name: kata, endpoint: %1$s/kata.sock}
        stateFile: %1$s/state
        metrics: {listen: 0}
        """
            .formatted(folder));
    ProxyConfig config = ProxyConfig.of(ProxyConfig.load(file));
    part = MetricsPart.of(config, "1.2.3", new SpanCounts(), false).orElseThrow();
    service = ProxyService.connect(config, List.of(part));
    client = CriClient.connect(folder.resolve("criproxy.sock"));
  }

  /** Listens after the first contact. */
  MeteredProxy listen() throws IOException {
    service.firstContact().toCompletableFuture().join();
    service.listen(false);
    return this;
  }

  InetSocketAddress address() {
    return part.address();
  }

  Metrics metrics() {
    return part.metrics();
  }

  Answer get(String path) throws IOException {
    return request("GET", path);
  }

  Answer request(String method, String path) throws IOException {
    URI uri = URI.create("http://127.0.0.1:" + address().getPort() + path);
    HttpURLConnection http = (HttpURLConnection) uri.toURL().openConnection();
    http.setRequestMethod(method);
    int status = http.getResponseCode();
    try (InputStream body = status < 400 ? http.getInputStream() : http.getErrorStream()) {
      return new Answer(status, body == null ? "" : new String(body.readAllBytes(), UTF_8));
    }
  }

  /** Waits until a page contains {@code text}. */
  Answer await(String path, String text) throws IOException {
    long end = System.nanoTime() + 20_000_000_000L;
    Answer answer = get(path);
    while (!answer.body().contains(text)) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no '" + text + "' in " + answer);
      }
      answer = get(path);
    }
    return answer;
  }

  void loseThePrimary() {
    first.ifPresent(CriServer::close);
    first = Optional.empty();
  }

  @Override
  public void close() {
    client.close();
    service.close();
    loseThePrimary();
    second.close();
  }
}
