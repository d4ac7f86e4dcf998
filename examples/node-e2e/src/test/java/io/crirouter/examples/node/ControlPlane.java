package io.crirouter.examples.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * etcd, API server, controller manager and scheduler, on one address of a bridge that no other
 * program uses, so that their usual ports are free. Everybody is known by one token.
 */
final class ControlPlane implements AutoCloseable {
  /** The second half of what RFC 2544 sets aside for tests; the first has the pods. */
  private static final String SERVICES = "198.19.0.0/24";

  /** The last release that opens ports without encryption unless told otherwise. */
  private static final int LAST_WITH_OPEN_PORTS = 23;

  private final Kubernetes kubernetes;
  private final Path folder;
  private final String address;
  private final Path kubeconfig;
  private final Optional<Path> authority;
  private final List<HostProcess> processes = new ArrayList<>();
  private ApiClient client;

  private ControlPlane(
      Kubernetes kubernetes, Path folder, String address, Optional<Path> authority) {
    this.kubernetes = kubernetes;
    this.authority = authority;
    this.folder = folder;
    this.address = address;
    this.kubeconfig = folder.resolve("kubeconfig");
  }

  /** Starts all; the API server answers when this returns. */
  static ControlPlane start(Kubernetes kubernetes, Path folder, String address) throws IOException {
    return start(kubernetes, folder, address, Optional.empty());
  }

  /**
   * The same for kubelets that log in as their nodes, and may do no more than these.
   *
   * @param authority the folder with ca.crt and ca.key, which signs what kubelets ask for
   */
  static ControlPlane start(
      Kubernetes kubernetes, Path folder, String address, Optional<Path> authority)
      throws IOException {
    ControlPlane plane =
        new ControlPlane(kubernetes, Files.createDirectories(folder), address, authority);
    try {
      plane.writeFiles();
      plane.startEtcd();
      plane.startApiServer();
      plane.startController("kube-controller-manager", plane.controllerManagerOptions());
      plane.startController("kube-scheduler", List.of());
      return plane;
    } catch (IOException | RuntimeException e) {
      plane.close();
      throw e;
    }
  }

  /** A kubeconfig that may do everything. */
  Path kubeconfig() {
    return kubeconfig;
  }

  /** A client that may do everything. */
  synchronized ApiClient client() {
    if (client == null) {
      client = new ApiClient(server(), folder.resolve("apiserver.crt"), token());
    }
    return client;
  }

  /** The URL of the API server. */
  String server() {
    return "https://" + address + ":6443";
  }

  private String token() {
    return "node-e2e";
  }

  private void writeFiles() throws IOException {
    Files.writeString(
        folder.resolve("tokens.csv"), token() + ",node-e2e,node-e2e,\"system:masters\"\n");
    Files.writeString(folder.resolve("accounts.key"), newKey());
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: test, cluster: {server: "%s", certificate-authority: "%s"}}]
        users: [{name: test, user: {token: %s}}]
        contexts: [{name: test, context: {cluster: test, user: test}}]
        current-context: test
        """
            .formatted(server(), folder.resolve("apiserver.crt"), token()));
  }

  /** Signs the tokens of service accounts. */
  private static String newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair pair = generator.generateKeyPair();
      return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
          .formatted(
              Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                  .encodeToString(pair.getPrivate().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK makes no RSA keys", e);
    }
  }

  private void startEtcd() throws IOException {
    String clients = "http://" + address + ":2379";
    String peers = "http://" + address + ":2380";
    start(
        "etcd",
        Kubernetes.ETCD,
        List.of(
            "--data-dir=" + folder.resolve("etcd"),
            "--listen-client-urls=" + clients,
            "--advertise-client-urls=" + clients,
            "--listen-peer-urls=" + peers,
            "--initial-advertise-peer-urls=" + peers,
            "--initial-cluster=default=" + peers,
            // Nobody needs these data after a crash.
            "--unsafe-no-fsync"),
        () -> new Port(address, 2379).isOpen());
  }

  private void startApiServer() throws IOException {
    Path key = folder.resolve("accounts.key");
    List<String> options = new ArrayList<>();
    options.addAll(
        List.of(
            "--etcd-servers=http://" + address + ":2379",
            "--bind-address=" + address,
            "--advertise-address=" + address,
            "--secure-port=6443",
            "--cert-dir=" + folder,
            "--token-auth-file=" + folder.resolve("tokens.csv"),
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged",
            "--kubelet-preferred-address-types=InternalIP",
            "--service-cluster-ip-range=" + SERVICES,
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-signing-key-file=" + key,
            "--service-account-key-file=" + key));
    authority.ifPresent(pki -> options.add("--client-ca-file=" + pki.resolve("ca.crt")));
    options.addAll(kubernetes.featureGates());
    start("kube-apiserver", kubernetes.program("kube-apiserver"), options, this::isReady);
  }

  private boolean isReady() {
    return Files.exists(folder.resolve("apiserver.crt"))
        && new Port(address, 6443).isOpen()
        && client().isReady();
  }

  private List<String> controllerManagerOptions() {
    List<String> options = new ArrayList<>();
    options.addAll(
        List.of(
            "--service-account-private-key-file=" + folder.resolve("accounts.key"),
            "--root-ca-file=" + folder.resolve("apiserver.crt"),
            "--node-monitor-period=2s"));
    authority.ifPresent(
        pki -> {
          options.add("--cluster-signing-cert-file=" + pki.resolve("ca.crt"));
          options.add("--cluster-signing-key-file=" + pki.resolve("ca.key"));
        });
    return options;
  }

  private void startController(String name, List<String> ownOptions) throws IOException {
    List<String> options = new ArrayList<>();
    options.addAll(
        List.of(
            "--kubeconfig=" + kubeconfig,
            "--leader-elect=false",
            "--bind-address=" + address,
            "--cert-dir=" + folder));
    if (!kubernetes.isAtLeast(LAST_WITH_OPEN_PORTS + 1)) {
      options.add("--port=0");
    }
    options.addAll(ownOptions);
    options.addAll(kubernetes.featureGates());
    start(name, kubernetes.program(name), options, () -> true);
  }

  private void start(String name, Path program, List<String> options, BooleanSupplier ready)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(NodeNamespace.program(folder, name, program).toString());
    command.addAll(options);
    HostProcess process = new HostProcess(name, folder.resolve(name + ".log"), command);
    processes.add(process);
    process.start(ready);
  }

  /** Ends all at once, without a farewell. */
  @Override
  public void close() {
    processes.forEach(HostProcess::close);
  }
}
