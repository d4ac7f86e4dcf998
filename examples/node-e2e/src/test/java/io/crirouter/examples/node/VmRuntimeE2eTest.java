package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdInstance;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * The example of a runtime of virtual machines, brought by a DaemonSet whose pod the primary runs.
 * It takes the place of the other runtime.
 */
class VmRuntimeE2eTest extends OnCluster {
  private static final Path EXAMPLE = Path.of("..", "vm-runtime").toAbsolutePath().normalize();
  private static final String BRIDGE = "vme" + ProcessHandle.current().pid() % 1_000_000;

  private static final String VM =
      """
      containers:
      - name: main
        image: special/guests/linux:1
      """;

  VmRuntimeE2eTest(Cluster cluster) {
    super(cluster);
  }

  @Test
  void aPodIsAVirtualMachineThatOutlivesThePodOfItsRuntime() throws IOException {
    ContainerdInstance special = cluster.routed().special();
    special.kill();
    Files.delete(special.socket());
    Path folder = Files.createDirectories(special.directory().resolve("vm"));
    HttpServer images = serveGuest(folder);
    try (RuntimeDaemonSet daemons = daemonSet(folder, images)) {
      EverywherePods vm = at("vm", VM, Place.SPECIAL).awaitReady();
      TestPod pod = vm.at(Place.SPECIAL);
      Await.until("boot", () -> pod.logs("main"), log -> log.contains("guest: up"));
      assertThat(pod.exec("main", "true").code()).as("exec in a VM").isNotZero();
      ReadinessWatch watch = ReadinessWatch.of(vm);

      daemons.replacePod();

      Await.until(
          "exec", () -> pod.exec("main", "true").output(), text -> text.contains("no exec"));
      watch.assertAlwaysReadyAndNeverRestarted();
      vm.delete();
      vm.awaitGone();
    } finally {
      images.stop(0);
      Shell.run("ip", "link", "delete", BRIDGE);
    }
  }

  private HttpServer serveGuest(Path folder) throws IOException {
    Path kernel = ContainerdEnvironment.runtimes().resolve("guest");
    Path image = folder.resolve("image");
    Shell.run(EXAMPLE + "/bin/make-guest", kernel.toString(), image.toString()).orThrow();
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

  /** The example from its sources, with the library of this build. */
  private static String compile(Path folder) throws IOException {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    List<String> arguments = new ArrayList<>(List.of("-nowarn", "-proc:none", "-cp", classPath));
    arguments.addAll(List.of("-d", classes.toString()));
    try (Stream<Path> sources = Files.walk(EXAMPLE.resolve("src/main/java"))) {
      sources.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
    }
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(result).as("javac of the example").isZero();
    return classes + File.pathSeparator + classPath;
  }

  private RuntimeDaemonSet daemonSet(Path folder, HttpServer images) throws IOException {
    Path network = Files.createDirectories(folder.resolve("cni"));
    Files.writeString(
        network.resolve("10-vm.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "%1$s", "plugins": [
          {"type": "bridge", "bridge": "%1$s", "isGateway": true, "ipam": {
            "type": "host-local", "dataDir": "%2$s", "ranges": [[{"subnet": "10.123.46.0/24"}]]}}]}
        """
            .formatted(BRIDGE, folder.resolve("addresses")));
    List<String> options =
        List.of(
            cluster.routed().special().socket().toString(),
            "--folder",
            folder.resolveSibling("v").toString(),
            "--images",
            "http://127.0.0.1:" + images.getAddress().getPort() + "/",
            "--accelerator",
            "tcg",
            "--cni-plugins",
            "/usr/lib/cni",
            "--cni-configurations",
            network.toString());
    return RuntimeDaemonSet.create(
        cluster,
        "vm-runtime",
        "",
        "%s/bin/java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp %s org.example.vm.VmServer %s"
            .formatted(
                System.getProperty("java.home"), compile(folder), String.join(" ", options)));
  }
}
