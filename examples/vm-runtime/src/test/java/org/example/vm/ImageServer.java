package org.example.vm;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP server of images, on loopback. */
final class ImageServer implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final AtomicInteger sent = new AtomicInteger();

  ImageServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] content = files.get(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(content == null ? 404 : 200, content == null ? -1 : 0);
          if (content != null) {
            sent.incrementAndGet();
            try (OutputStream body = exchange.getResponseBody()) {
              body.write(content);
            }
          }
          exchange.close();
        });
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  /** The number of downloads. */
  int sent() {
    return sent.get();
  }

  void put(String path, byte[] content) {
    files.put(path, content);
  }

  /** Serves a disk as an image with this name and tag. */
  void putDisk(String image, byte[] disk) {
    String folder = "/" + image.replace(':', '/') + "/";
    put(folder + "disk.img", disk);
    put(folder + ImageManifest.FILE, ("disk = disk.img sha256:" + sha256(disk)).getBytes());
  }

  static String sha256(byte[] content) {
    return HexFormat.of().formatHex(Digests.sha256().digest(content));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
