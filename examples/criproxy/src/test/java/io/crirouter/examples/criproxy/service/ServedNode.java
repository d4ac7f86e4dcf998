package io.crirouter.examples.criproxy.service;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Fake runtimes on sockets, a configuration file, and calls of a kubelet. */
public final class ServedNode implements AutoCloseable {
  public final Path folder;
  public final Path file;
  public final Path socket;
  private final Map<String, FakeRuntime> runtimes = new LinkedHashMap<>();
  private final Map<String, CriServer> servers = new LinkedHashMap<>();

  public ServedNode(Path folder, String... names) throws IOException {
    this.folder = folder;
    this.file = folder.resolve("criproxy.yaml");
    this.socket = folder.resolve("criproxy.sock");
    for (String name : names) {
      serve(name, name);
    }
  }

  /** Serves the runtime of this name on a socket; creates it if it is new. */
  public void serve(String name, String socketName) throws IOException {
    FakeRuntime runtime = runtimes.computeIfAbsent(name, FakeRuntime::create);
    servers.put(socketName, runtime.serve(at(socketName)));
  }

  public void stop(String socketName) {
    servers.remove(socketName).close();
  }

  public FakeRuntime runtime(String name) {
    return runtimes.get(name);
  }

  public Path at(String socketName) {
    return folder.resolve(socketName + ".sock");
  }

  /** A line of {@code backends}. */
  public String backend(String name) {
    return backend(name, name, "");
  }

  public String backend(String name, String socketName, String more) {
    return "  - {name: " + name + ", endpoint: " + at(socketName) + more + "}\n";
  }

  /** A configuration file with these backends. */
  public String config(String backends, String more) {
    return "listen: " + socket + "\nbackends:\n" + backends + more;
  }

  public void write(String config) throws IOException {
    Files.writeString(file, config);
  }

  public ProxyConfig read() throws BadConfigurationException {
    return ProxyConfig.of(ProxyConfig.load(file));
  }

  /** Starts a proxy with the file. */
  public ProxyService start(ServicePart... parts) throws Exception {
    ProxyService service = ProxyService.connect(read(), List.of(parts));
    service.firstContact().toCompletableFuture().join();
    service.listen(false);
    return service;
  }

  public static String run(CriClient client, String namespace, String name) {
    PodSandboxConfig config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName(name)
                    .setUid(namespace + name)
                    .setNamespace(namespace))
            .build();
    return client
        .runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
        .getPodSandboxId();
  }

  public static void remove(CriClient client, String pod) {
    client
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  public static String status(CriClient client, String pod) {
    return client
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build())
        .getStatus()
        .getId();
  }

  public static List<String> pods(CriClient client) {
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .toList();
  }

  @Override
  public void close() {
    servers.values().forEach(CriServer::close);
  }
}
