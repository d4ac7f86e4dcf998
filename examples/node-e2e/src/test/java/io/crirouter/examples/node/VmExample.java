package io.crirouter.examples.node;

import com.sun.net.httpserver.HttpServer;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * The example of a runtime of virtual machines, compiled from its sources with the library of this
 * build; an image of a guest on a web server; and a network for the guests.
 */
final class VmExample implements AutoCloseable {
  /** Where the example is. */
  static final Path SOURCES = Path.of("..", "vm-runtime").toAbsolutePath().normalize();

  private final Path folder;
  private final String classPath;
  private final String bridge = "vme" + ProcessHandle.current().pid() % 1_000_000;
  private final HttpServer images;

  private VmExample(Path folder) throws IOException {
    this.folder = folder;
    this.classPath = compile(folder.resolve("classes"));
    writeNetwork();
    this.images = serveGuest(folder.resolve("guest"));
  }

  /** Makes it, in a folder that the caller removes. */
  static VmExample create(Path folder) throws IOException {
    return new VmExample(Files.createDirectories(folder));
  }

  private static String compile(Path classes) throws IOException {
    String classPath = JavaProgram.classPath();
    List<String> arguments = new ArrayList<>(List.of("-nowarn", "-proc:none", "-cp", classPath));
    arguments.addAll(List.of("-d", Files.createDirectories(classes).toString()));
    try (Stream<Path> sources = Files.walk(SOURCES.resolve("src/main/java"))) {
      sources.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
    }
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    if (result != 0) {
      throw new IllegalStateException("javac of " + SOURCES + " ended with " + result);
    }
    return classes + File.pathSeparator + classPath;
  }

  private void writeNetwork() throws IOException {
    Files.writeString(
        Files.createDirectories(network()).resolve("10-vm.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "%1$s", "plugins": [
          {"type": "bridge", "bridge": "%1$s", "isGateway": true, "ipam": {
            "type": "host-local", "dataDir": "%2$s", "ranges": [[{"subnet": "10.123.46.0/24"}]]}}]}
        """
            .formatted(bridge, folder.resolve("addresses")));
  }

  private static HttpServer serveGuest(Path image) throws IOException {
    Path kernel = ContainerdEnvironment.runtimes().resolve("guest");
    Shell.run(SOURCES + "/bin/make-guest", kernel.toString(), image.toString()).orThrow();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/guests/linux/1/",
        exchange -> {
          Path file = image.resolve(Path.of(exchange.getRequestURI().getPath()).getFileName());
          exchange.sendResponseHeaders(200, Files.size(file));
          Files.copy(file, exchange.getResponseBody());
          exchange.close();
        });
    server.start();
    return server;
  }

  Path folder() {
    return folder;
  }

  String classPath() {
    return classPath;
  }

  /** The folder of CNI configurations. */
  Path network() {
    return folder.resolve("cni");
  }

  /** The options of the runtime, but for the network and its folder. */
  List<String> options() {
    return List.of(
        "--images",
        "http://127.0.0.1:" + images.getAddress().getPort() + "/",
        "--accelerator",
        "tcg");
  }

  @Override
  public void close() {
    images.stop(0);
    Shell.run("ip", "link", "delete", bridge);
  }
}
