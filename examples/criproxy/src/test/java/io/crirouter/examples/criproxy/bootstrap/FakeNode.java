package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.core.RuntimeBackend;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
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
import java.util.stream.Stream;

/**
 * A node in a folder: real files, a stand-in for systemd, a kubelet that reads its files, fake
 * runtimes, and the real router as the proxy. Time is simulated.
 */
final class FakeNode implements Node {
  static final String CONTAINERD = "/run/containerd/containerd.sock";
  static final String PROXY = "/run/criproxy/criproxy.sock";

  private final Path root;
  private final RootedFiles files;
  private final ManualScheduler time = new ManualScheduler();
  private final FakeSystemd systemd = new FakeSystemd(this);
  private final FakeProxy proxy = new FakeProxy(this);
  private final FakeRuntime containerd = FakeRuntime.named("containerd").scheduler(time).build();
  private final FakeKubelet kubelet;
  private final Map<String, RuntimeBackend> sockets = new HashMap<>();
  private final List<NodeProcess> otherProcesses = new ArrayList<>();
  private final List<String> commands = new ArrayList<>();
  private Duration wallClock = Duration.ZERO;
  private Optional<FakeApi> api = Optional.empty();
  private Runnable onKill = () -> {};

  private FakeNode(Path root) {
    this.root = root;
    this.files = new RootedFiles(root);
    this.kubelet = new FakeKubelet(files, this::answers);
  }

  /** Creates a node with systemd, the package of criproxy and a containerd, without a kubelet. */
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

  /** Removes the package; returns an unpacked tar.gz. */
  Path withoutPackage() throws IOException {
    for (String file :
        List.of(
            "/usr/lib/systemd/system/criproxy.service",
            ProxyProgram.DEFAULTS,
            ProxyFiles.CONFIG,
            "/usr/bin/criproxy")) {
      files.delete(file);
    }
    return newer("1", "");
  }

  /** An unpacked tar.gz of another version with this kind of program. */
  Path newer(String version, String program) throws IOException {
    return TarGz.unpack(root.resolveSibling(root.getFileName() + "-" + version), version, program);
  }

  /** Runs a pod with one container on the primary. */
  FakeNode runPod(String name) {
    return runPod(name, containerd, Map.of());
  }

  /** Runs a pod with one container, as a kubelet does through {@code runtime}. */
  FakeNode runPod(String name, RuntimeBackend runtime, Map<String, String> annotations) {
    FakePods.run(runtime, name, annotations);
    return this;
  }

  FakeRuntime containerd() {
    return containerd;
  }

  FakeProxy proxyService() {
    return proxy;
  }

  /** The proxy, as the backend of the kubelet. */
  RuntimeBackend proxy() {
    return proxy.backend();
  }

  /** All files except those of the bootstrap, and the running services and pods. */
  Map<String, String> state() throws IOException {
    Map<String, String> state = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.toList()) {
        String path = "/" + root.relativize(file);
        if (Files.isSymbolicLink(file)) {
          state.put(path, "link to " + Files.readSymbolicLink(file));
        } else if (Files.isRegularFile(file) && !path.startsWith(JournalFile.FOLDER)) {
          state.put(path, Files.readString(file));
        }
      }
    }
    state.put("systemd", systemd.toString());
    state.put("kubelet", kubelet.socket() + " " + kubelet.imageSocket());
    return state;
  }

  FakeNode put(String path, String text) throws IOException {
    files.write(path, text);
    return this;
  }

  String text(String path) throws IOException {
    return files.read(path).orElse("(no such file)");
  }

  /** Serves a runtime on a socket. */
  FakeNode serve(String socket, RuntimeBackend runtime) {
    sockets.put(socket, runtime);
    return this;
  }

  /** Stops to serve a socket. */
  void remove(String socket) {
    sockets.remove(socket);
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

  /** The commands that were run, in order. */
  List<String> commands() {
    return List.copyOf(commands);
  }

  ManualScheduler time() {
    return time;
  }

  Path root() {
    return root;
  }

  void jumpClock(Duration by) {
    wallClock = wallClock.plus(by);
  }

  private boolean answers(String socket) {
    return sockets.containsKey(socket);
  }

  /** Whether the kubelet works, now and after a reboot. */
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
    if (program.endsWith(ProxyProgram.LAUNCHER)) {
      boolean runs = !files.read(program).orElse(TarGz.FOREIGN).equals(TarGz.FOREIGN);
      return runs ? new CommandResult(0, "1\n") : new CommandResult(126, "Exec format error");
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

  /** Sets the API server of the node's kubectl. */
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
    return new SocketBackend(sockets, socket);
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
}
