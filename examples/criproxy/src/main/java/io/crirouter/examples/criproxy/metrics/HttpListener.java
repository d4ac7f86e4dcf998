package io.crirouter.examples.criproxy.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Serves GET of a few paths over HTTP, on its own threads, which end when they are idle.
 * Connections, threads, and the time of a request and of a response are limited.
 */
final class HttpListener implements AutoCloseable {
  static final int MAX_CONNECTIONS = 16;
  private static final int MAX_THREADS = 4;
  private static final int IDLE_SECONDS = 30;

  /** The JDK's server reads its limits from system properties at its first use. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "jdk.httpserver.maxConnections", Integer.toString(MAX_CONNECTIONS),
          "sun.net.httpserver.maxIdleConnections", "4",
          "sun.net.httpserver.idleInterval", Integer.toString(IDLE_SECONDS),
          "sun.net.httpserver.maxReqTime", "5",
          "sun.net.httpserver.maxRspTime", "10",
          "sun.net.httpserver.maxReqHeaders", "50",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "sun.net.httpserver.drainAmount", "0",
          "sun.net.httpserver.nodelay", "true");

  static {
    LIMITS.forEach((name, limit) -> System.setProperty(name, System.getProperty(name, limit)));
  }

  private final HttpServer server;
  private final ThreadPoolExecutor threads;

  private HttpListener(HttpServer server) {
    this.server = server;
    threads =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            HttpListener::thread);
    threads.allowCoreThreadTimeOut(true);
    server.setExecutor(threads);
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "criproxy-http");
    thread.setDaemon(true);
    return thread;
  }

  /** A probe; returns the reason of its failure, or empty. */
  interface Probe {
    Optional<String> failure() throws InterruptedException;
  }

  /** Creates a listener without an address. */
  static HttpListener create() throws IOException {
    return new HttpListener(HttpServer.create());
  }

  /**
   * Binds the address. Requests are answered after {@link #start}.
   *
   * @throws IOException if it cannot be bound
   */
  void bind(InetSocketAddress address) throws IOException {
    server.bind(address, MAX_CONNECTIONS);
  }

  /** The bound address, with its actual port. */
  InetSocketAddress address() {
    return server.getAddress();
  }

  void serveMetrics(String path, PrometheusRegistry registry) {
    serve(path, new MetricsHandler(registry));
  }

  /** Answers {@code ok}, or status 503 with the reason. */
  void serveProbe(String path, Probe probe) {
    serve(
        path,
        exchange -> {
          try {
            Optional<String> failure = probe.failure();
            int status = failure.isPresent() ? 503 : 200;
            answer(exchange, status, failure.orElse("ok"));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void serve(String path, HttpHandler handler) {
    server.createContext(
        path,
        exchange -> {
          // A context handles all paths that begin with its own.
          if (!exchange.getRequestURI().getPath().equals(path)) {
            answer(exchange, 404, "there is no such page");
          } else if (!exchange.getRequestMethod().equals("GET")) {
            exchange.getResponseHeaders().set("Allow", "GET");
            answer(exchange, 405, "GET only");
          } else {
            handler.handle(exchange);
          }
        });
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    try (exchange) {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Starts to answer requests. */
  void start() {
    server.start();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
