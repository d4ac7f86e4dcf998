package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StartContainerResponse;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.TestRuntime;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A node in a folder: real files, a stand-in for systemd, a kubelet that reads its files, fake
 * runtimes, and the real router as the proxy. Nothing waits for real time.
 */
final class FakeNode implements Node {
  static final String CONTAINERD = "/run/containerd/containerd.sock";
  static final String PROXY = "/run/criproxy/criproxy.sock";

  private final Path root;
  private final RootedFiles files;
  private final ManualScheduler time = new ManualScheduler();
  private final FakeSystemd systemd = new FakeSystemd(this);
  private final FakeRuntime containerd = FakeRuntime.named("containerd").scheduler(time).build();
  private final FakeKubelet kubelet;
  private final Map<String, RuntimeBackend> sockets = new HashMap<>();
  private final List<NodeProcess> otherProcesses = new ArrayList<>();
  private final List<String> commands = new ArrayList<>();
  private Duration wallClock = Duration.ZERO;
  private boolean isProxyBroken;
  private Optional<CriRouter> proxy = Optional.empty();
  private String proxySocket = "";
  private Optional<FakeApi> api = Optional.empty();
  private Runnable onKill = () -> {};

  private FakeNode(Path root) {
    this.root = root;
    this.files = new RootedFiles(root);
    this.kubelet = new FakeKubelet(files, this::answers);
  }

  /** A node with systemd, a package of criproxy and a containerd; no kubelet has files yet. */
  static FakeNode create(Path root) throws IOException {
    FakeNode node = new FakeNode(root);
    Files.createDirectories(root.resolve("run/systemd/system"));
    node.put("/etc/os-release", "ID=debian\n");
    node.put("/proc/sys/kernel/hostname", "node-1\n");
    node.put("/proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable: 4000000 kB\n");
    Path dist = Path.of("").toAbsolutePath().resolve("dist");
    node.put(
        "/usr/lib/systemd/system/criproxy.service",
        Files.readString(dist.resolve("criproxy.service")));
    node.put(ProxyProgram.DEFAULTS, Files.readString(dist.resolve("criproxy.default")));
    node.put(ProxyFiles.CONFIG, ProxyFiles.packagedConfig());
    node.put("/usr/bin/criproxy", "");
    node.serve(CONTAINERD, node.containerd);
    return node;
  }

  /** Takes the package off again; returns an unpacked tar.gz. */
  Path withoutPackage() throws IOException {
    for (String file :
        List.of(
            "/usr/lib/systemd/system/criproxy.service",
            ProxyProgram.DEFAULTS,
            ProxyFiles.CONFIG,
            "/usr/bin/criproxy")) {
      files.delete(file);
    }
    Path dist = Path.of("").toAbsolutePath().resolve("dist");
    Path image = Files.createDirectories(root.resolveSibling(root.getFileName() + "-image"));
    Files.createDirectories(image.resolve("share"));
    Files.createDirectories(image.resolve("bin"));
    Files.writeString(image.resolve("bin/criproxy"), "");
    Files.copy(dist.resolve("criproxy.service"), image.resolve("share/criproxy.service"));
    return image;
  }

  /** Runs a pod with one container on the primary. */
  FakeNode runPod(String name) {
    return runPod(name, containerd, Map.of());
  }

  /** Runs a pod with one container, as a kubelet does through {@code runtime}. */
  FakeNode runPod(String name, RuntimeBackend runtime, Map<String, String> annotations) {
    try (CriClient client = CriClient.of(runtime)) {
      PodSandboxConfig config =
          PodSandboxConfig.newBuilder()
              .setMetadata(
                  PodSandboxMetadata.newBuilder().setName(name).setUid(name).setNamespace("ns"))
              .putAllAnnotations(annotations)
              .build();
      String pod =
          client
              .runtime()
              .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
              .getPodSandboxId();
      String image =
          client
              .images()
              .pullImage(
                  PullImageRequest.newBuilder()
                      .setImage(ImageSpec.newBuilder().setImage("busybox"))
                      .setSandboxConfig(config)
                      .build())
              .getImageRef();
      String container =
          client
              .runtime()
              .createContainer(
                  CreateContainerRequest.newBuilder()
                      .setPodSandboxId(pod)
                      .setConfig(
                          ContainerConfig.newBuilder()
                              .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                              .setImage(ImageSpec.newBuilder().setImage(image)))
                      .setSandboxConfig(config)
                      .build())
              .getContainerId();
      StartContainerResponse unused =
          client
              .runtime()
              .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
    }
    return this;
  }

  FakeRuntime containerd() {
    return containerd;
  }

  /** The proxy, as the kubelet calls it. */
  RuntimeBackend proxy() {
    return proxy.orElseThrow();
  }

  /** All files but those of the bootstrap itself, and what runs. */
  Map<String, String> state() throws IOException {
    Map<String, String> state = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String path = "/" + root.relativize(file);
        if (!path.startsWith(JournalFile.FOLDER)) {
          state.put(path, Files.readString(file));
        }
      }
    }
    state.put("systemd", systemd.toString());
    state.put("kubelet", kubelet.socket());
    return state;
  }

  FakeNode put(String path, String text) throws IOException {
    files.write(path, text);
    return this;
  }

  String text(String path) throws IOException {
    return files.read(path).orElse("(no such file)");
  }

  /** Lets a runtime answer at a socket. */
  FakeNode serve(String socket, RuntimeBackend runtime) {
    sockets.put(socket, runtime);
    return this;
  }

  FakeNode add(NodeProcess process) {
    otherProcesses.add(process);
    return this;
  }

  FakeKubelet kubelet() {
    return kubelet;
  }

  FakeSystemd systemd() {
    return systemd;
  }

  /** The commands that were run, in their order. */
  List<String> commands() {
    return List.copyOf(commands);
  }

  Path root() {
    return root;
  }

  void breakProxy() {
    isProxyBroken = true;
  }

  void jumpClock(Duration by) {
    wallClock = wallClock.plus(by);
  }

  private boolean answers(String socket) {
    return sockets.containsKey(socket);
  }

  void startProxy() throws IOException {
    String packaged = text("/usr/lib/systemd/system/criproxy.service");
    String unit = files.read(ProxyProgram.OWN_UNIT).orElse(packaged);
    Matcher config = Pattern.compile("ExecStart=\\S+ run --config (\\S+)").matcher(unit);
    if (isProxyBroken || !config.find()) {
      return;
    }
    try {
      ProxyConfig read = ProxyConfig.of(ProxyConfig.parse("config", text(config.group(1))));
      CriRouter.Builder builder =
          CriRouter.builder().scheduler(time).policy(read.policy()).ids(read.ids());
      for (BackendConfig backend : read.backends()) {
        RuntimeBackend runtime = new SocketBackend(backend.socket().toString());
        if (backend.equals(read.backends().get(0))) {
          builder.primary(backend.name(), runtime, backend.options());
        } else {
          builder.secondary(backend.name(), runtime, backend.options());
        }
      }
      CriRouter router = builder.build();
      proxy = Optional.of(router);
      proxySocket = read.listen().toString();
      sockets.put(proxySocket, TestRuntime.around("proxy", router));
    } catch (BadConfigurationException e) {
      throw new IOException(e);
    }
  }

  void stopProxy() {
    proxy.ifPresent(CriRouter::close);
    proxy = Optional.empty();
    sockets.remove(proxySocket);
  }

  /** Whether the kubelet works, and does after a restart of the node. */
  void requireWorkingEndpoint(String when) throws IOException {
    if (!kubelet.isHealthy() || !answers(kubelet.socketAfterRestart())) {
      throw new AssertionError(
          when
              + ": nothing answers at "
              + kubelet.socket()
              + " or "
              + kubelet.socketAfterRestart());
    }
    systemd.boot();
    if (!kubelet.isHealthy()) {
      throw new AssertionError(when + ": after a boot nothing answers at " + kubelet.socket());
    }
  }

  @Override
  public NodeFiles files() {
    return files;
  }

  @Override
  public List<NodeProcess> processes() {
    List<NodeProcess> all = new ArrayList<>(otherProcesses);
    if (kubelet.starts() > 0) {
      all.add(kubelet.process());
    }
    return all;
  }

  @Override
  public CommandResult run(Duration limit, List<String> command) throws IOException {
    commands.add(String.join(" ", command));
    String program = command.get(0);
    if (program.equals("systemctl")) {
      try {
        return systemd.run(command);
      } catch (IOException e) {
        return new CommandResult(1, e.getMessage());
      }
    }
    if (program.endsWith("/kubelet")) {
      return new CommandResult(0, "Kubernetes " + kubelet.version() + "\n");
    }
    if (program.equals("kubectl") && api.isPresent()) {
      return api.get().run(command);
    }
    if (program.equals("kill")) {
      onKill.run();
      return new CommandResult(0, "");
    }
    if (program.equals("rm")) {
      deleteFolder(root.resolve(command.get(2).substring(1)));
      return new CommandResult(0, "");
    }
    return new CommandResult(127, program + " is not there");
  }

  private static void deleteFolder(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Lets the node's kubectl reach an API server. */
  FakeApi connectApi() {
    FakeApi connected = new FakeApi(files);
    api = Optional.of(connected);
    return connected;
  }

  void onKill(Runnable action) {
    onKill = action;
  }

  @Override
  public boolean answersOk(URI url) {
    return url.toString().equals("http://127.0.0.1:10248/healthz") && kubelet.isHealthy();
  }

  @Override
  public RuntimeBackend runtime(String socket) {
    return new SocketBackend(socket);
  }

  @Override
  public long nanoTime() {
    return time.nanoTime();
  }

  @Override
  public Instant now() {
    return time.now().plus(wallClock);
  }

  @Override
  public void pause(Duration by) {
    time.advance(by);
  }

  /** What answers at a socket when it is called. */
  private final class SocketBackend implements RuntimeBackend {
    private final String socket;

    SocketBackend(String socket) {
      this.socket = socket;
    }

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      RuntimeBackend runtime = sockets.get(socket);
      if (runtime == null) {
        listener.onClose(RpcStatus.unreachable("no socket " + socket));
        return RuntimeCall.ENDED;
      }
      return runtime.start(request, listener);
    }

    @Override
    public String address() {
      return socket;
    }
  }
}
