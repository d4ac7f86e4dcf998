package io.crirouter.testkit.containerd;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The configuration files of one instance: daemon, CNI network and image hosts.
 *
 * @param folder the folder of the instance
 * @param majorVersion of containerd; version 2 renamed the plugins and their configuration
 * @param runtimeHandlers handlers that all use runc; the first is the default
 */
record ContainerdConfig(
    Path folder,
    int majorVersion,
    Bridge bridge,
    TestRegistry registry,
    List<String> runtimeHandlers) {

  /** No server listens here. Pulls from other hosts fail at once and open no connection. */
  private static final String CLOSED_PORT = "http://127.0.0.1:1";

  ContainerdConfig {
    runtimeHandlers = List.copyOf(runtimeHandlers);
  }

  Path socket() {
    return folder.resolve("containerd.sock");
  }

  Path file() {
    return folder.resolve("config.toml");
  }

  private Path networks() {
    return folder.resolve("cni");
  }

  private Path imageHosts() {
    return folder.resolve("hosts");
  }

  void write() throws IOException {
    Files.createDirectories(networks());
    Files.writeString(networks().resolve("10-bridge.conflist"), network());
    writeImageHost(TestRegistry.HOST, registry.address());
    writeImageHost("_default", CLOSED_PORT);
    Files.writeString(file(), daemon() + (majorVersion < 2 ? plugins1() : plugins2()));
  }

  private void writeImageHost(String host, String address) throws IOException {
    Path hostFolder = Files.createDirectories(imageHosts().resolve(host));
    Files.writeString(
        hostFolder.resolve("hosts.toml"),
        """
        server = "%1$s"
        [host."%1$s"]
          capabilities = ["pull", "resolve"]
        """
            .formatted(address));
  }

  /**
   * The CNI configuration. Without masquerading and gateway (the bridge has an address) the plugin
   * does not change the packet filter and the forwarding of the machine. Pods reach the host and
   * each other.
   */
  private String network() {
    return """
    {
      "cniVersion": "0.4.0",
      "name": "%1$s",
      "plugins": [{
        "type": "bridge", "bridge": "%1$s", "isGateway": false, "ipMasq": false,
        "ipam": {
          "type": "host-local", "dataDir": "%2$s/ipam",
          "subnet": "%3$s", "gateway": "%4$s", "routes": [{"dst": "0.0.0.0/0"}]
        }
      }]
    }
    """
        .formatted(bridge.name(), folder, bridge.subnet(), bridge.gateway());
  }

  /** The daemon's part, with all paths that containerd would share between instances. */
  private String daemon() {
    return """
    version = %1$d
    root = "%2$s/root"
    state = "%2$s/state"
    disabled_plugins = [%3$s]
    [grpc]
      address = "%4$s"
    [plugins."io.containerd.internal.v1.opt"]
      path = "%2$s/opt"
    """
        .formatted(majorVersion < 2 ? 2 : 3, folder, unusedSnapshotters(), socket());
  }

  /** Disabled, because probing for their file systems takes time and fills the log. */
  private static String unusedSnapshotters() {
    return List.of("aufs", "blockfile", "btrfs", "devmapper", "erofs", "zfs").stream()
        .map(name -> "\"io.containerd.snapshotter.v1." + name + "\"")
        .collect(Collectors.joining(", "));
  }

  /** containerd 1.x has one plugin for all of CRI. */
  private String plugins1() throws IOException {
    return """
    [plugins."io.containerd.grpc.v1.cri"]
      stream_server_address = "127.0.0.1"
      stream_server_port = "0"
      sandbox_image = "%1$s"
      %2$s
      [plugins."io.containerd.grpc.v1.cri".containerd]
        snapshotter = "%3$s"
    %4$s
      [plugins."io.containerd.grpc.v1.cri".cni]
        bin_dir = "%5$s"
        conf_dir = "%6$s"
      [plugins."io.containerd.grpc.v1.cri".registry]
        config_path = "%7$s"
    """
        .formatted(
            TestRegistry.PAUSE,
            hostLimits(),
            snapshotter(),
            handlers("io.containerd.grpc.v1.cri"),
            ContainerdEnvironment.CNI_PLUGINS,
            networks(),
            imageHosts());
  }

  /** For containerd 2.1 and newer. Before, {@code bin_dirs} was {@code bin_dir}. */
  private String plugins2() throws IOException {
    return """
    [plugins."io.containerd.nri.v1.nri"]
      disable = true
    [plugins."io.containerd.grpc.v1.cri"]
      stream_server_address = "127.0.0.1"
      stream_server_port = "0"
    [plugins."io.containerd.cri.v1.images"]
      snapshotter = "%3$s"
      [plugins."io.containerd.cri.v1.images".pinned_images]
        sandbox = "%1$s"
      [plugins."io.containerd.cri.v1.images".registry]
        config_path = "%7$s"
    [plugins."io.containerd.cri.v1.runtime"]
      %2$s
      [plugins."io.containerd.cri.v1.runtime".containerd]
    %4$s
      [plugins."io.containerd.cri.v1.runtime".cni]
        bin_dirs = ["%5$s"]
        conf_dir = "%6$s"
    """
        .formatted(
            TestRegistry.PAUSE,
            hostLimits(),
            snapshotter(),
            handlers("io.containerd.cri.v1.runtime"),
            ContainerdEnvironment.CNI_PLUGINS,
            networks(),
            imageHosts());
  }

  /**
   * Lets runc start without CAP_SYS_RESOURCE and without AppArmor, and keeps network namespaces
   * below the state folder, where they are removed with it.
   */
  private static String hostLimits() {
    return """
    restrict_oom_score_adj = true
      disable_apparmor = true
      netns_mounts_under_state_dir = true\
    """;
  }

  /** Also sets the root of runc, whose default all containerd instances of a machine share. */
  private String handlers(String plugin) {
    StringBuilder handlers =
        new StringBuilder("    default_runtime_name = \"%s\"\n".formatted(runtimeHandlers.get(0)));
    for (String handler : runtimeHandlers) {
      handlers.append(
          """
              [plugins."%1$s".containerd.runtimes."%2$s"]
                runtime_type = "io.containerd.runc.v2"
                [plugins."%1$s".containerd.runtimes."%2$s".options]
                  Root = "%3$s/runc"
          """
              .formatted(plugin, handler, folder));
    }
    return handlers.toString().stripTrailing();
  }

  /** The native snapshotter on an overlay file system, because overlays cannot be stacked. */
  private String snapshotter() throws IOException {
    FileStore store = Files.getFileStore(folder);
    return store.type().equals("overlay") ? "native" : "overlayfs";
  }
}
