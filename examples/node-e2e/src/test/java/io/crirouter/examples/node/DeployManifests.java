package io.crirouter.examples.node;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The manifests for clusters, applied as kustomize would: the base, then the demo's files, one of
 * them as a patch. Only what the image would bring is mounted instead.
 */
final class DeployManifests {
  private static final Path DEPLOY = Path.of("../criproxy/deploy").toAbsolutePath().normalize();
  private static final String NAMESPACE = "criproxy";
  private static final String PROGRAM = "/opt/criproxy";

  /** The first release whose kubectl understands the kustomizations. */
  private static final int FIRST_WITH_KUSTOMIZE_4 = 21;

  /** In the schema of an API server that was built with another Go than its authors use. */
  private static final String BROKEN = "{\"Extensions\":{},\"swagger\"";

  private static final List<String> APPLIED =
      List.of(
          "base/namespace.yaml",
          "base/install.yaml",
          "base/remove.yaml",
          "overlays/demo/runtime.yaml",
          "overlays/demo/runtime-class.yaml");

  private final BootstrapNode node;
  private final InstallerImage image;
  private final boolean hasSchema;

  private DeployManifests(BootstrapNode node, InstallerImage image) {
    this.node = node;
    this.image = image;
    this.hasSchema = !node.kubectl("get", "--raw", "/openapi/v2").orThrow().contains(BROKEN);
  }

  /** Applies all, with an image. */
  static DeployManifests apply(BootstrapNode node, InstallerImage image) throws IOException {
    DeployManifests manifests = new DeployManifests(node, image);
    for (String file : APPLIED) {
      manifests.apply("--filename=" + DEPLOY.resolve(file));
    }
    manifests.patch(
        "criproxy-install", Files.readString(DEPLOY.resolve("overlays/demo/runtimes.yaml")));
    manifests.mount("criproxy-install", "initContainers", "install");
    manifests.mount("criproxy-install", "containers", "watch");
    manifests.mount("criproxy-remove", "initContainers", "remove");
    manifests.mount("criproxy-remove", "containers", "done");
    manifests.mount("demo-runtime", "containers", "runtime");
    if (node.kubernetes().isAtLeast(FIRST_WITH_KUSTOMIZE_4)) {
      manifests.apply("--dry-run=server", "--kustomize=" + DEPLOY.resolve("overlays/demo"));
    }
    manifests.addArgument("criproxy-install", "initContainers", "--watch=5");
    // It tells no cgroup driver: that of most nodes is another than that of this test bed.
    manifests.addArgument("demo-runtime", "containers", "--like=containerd-1.6");
    return manifests;
  }

  /** Against the schema too, where the API server tells one that its own kubectl can read. */
  private void apply(String... words) {
    List<String> command = new ArrayList<>(List.of("apply", "--validate=" + hasSchema));
    command.addAll(List.of(words));
    node.kubectl(command.toArray(String[]::new)).orThrow();
  }

  private void patch(String daemonSet, String patch) {
    node.kubectl("--namespace=" + NAMESPACE, "patch", "daemonset", daemonSet, "--patch", patch)
        .orThrow();
  }

  private void addArgument(String daemonSet, String list, String argument) {
    node.kubectl(
            "--namespace=" + NAMESPACE,
            "patch",
            "daemonset",
            daemonSet,
            "--type=json",
            "--patch",
            """
            [{"op": "add", "path": "/spec/template/spec/%s/0/args/-", "value": "%s"}]
            """
                .formatted(list, argument))
        .orThrow();
  }

  private void mount(String daemonSet, String list, String container) throws IOException {
    List<String> mounts = new ArrayList<>();
    List<String> volumes = new ArrayList<>();
    mount(mounts, volumes, PROGRAM, image.folder().toString());
    for (String folder : InstallerImage.needed()) {
      mount(mounts, volumes, folder, folder);
    }
    boolean isEntryPoint = !List.of("watch", "done").contains(container);
    patch(
        daemonSet,
        """
        spec:
          template:
            spec:
              %s:
              - name: %s
                image: registry.test/busybox:1
                %s
                volumeMounts: [%s]
              volumes: [%s]
        """
            .formatted(
                list,
                container,
                isEntryPoint ? "command: [" + PROGRAM + "/bin/criproxy]" : "",
                String.join(", ", mounts),
                String.join(", ", volumes)));
  }

  private static void mount(List<String> mounts, List<String> volumes, String path, String onNode) {
    String name = "image-" + mounts.size();
    mounts.add("{name: %s, mountPath: %s, readOnly: true}".formatted(name, path));
    volumes.add("{name: %s, hostPath: {path: %s}}".formatted(name, onNode));
  }

  /** Lets the installer be of another image from now on. */
  void install(InstallerImage other) {
    patch(
        "criproxy-install",
        "spec: {template: {spec: {volumes: [{name: image-0, hostPath: {path: %s}}]}}}"
            .formatted(other.folder()));
  }

  /** Starts what installs the proxy on the node, or removes it. */
  HostProcess onNode(String what) {
    return node.withKubectl(DEPLOY.resolve("node.sh").toString(), what, BootstrapNode.NAME);
  }

  /** Creates the pod of the demo's runtime. */
  void createExamplePod() {
    apply("--filename=" + DEPLOY.resolve("example-pod.yaml"));
  }

  /** The pods of a DaemonSet. */
  List<PodReport> pods(String daemonSet) {
    JsonArray items =
        node.client()
            .get(
                "/api/v1/namespaces/%s/pods?labelSelector=app%%3D%s"
                    .formatted(NAMESPACE, daemonSet))
            .getAsJsonArray("items");
    List<PodReport> pods = new ArrayList<>();
    for (JsonElement item : items) {
      pods.add(new PodReport(item.getAsJsonObject()));
    }
    return pods;
  }

  /** Whether its only pod is ready, and not the one with the uid {@code old}. */
  boolean isReady(String daemonSet, String old) {
    List<PodReport> pods = pods(daemonSet);
    return pods.size() == 1 && pods.get(0).isReady() && !pods.get(0).uid().equals(old);
  }

  /** What a container of a DaemonSet's pod has said; an error while it has not begun. */
  String log(String daemonSet, String container) {
    return node.kubectl(
            "--namespace=" + NAMESPACE,
            "logs",
            "--selector=app=" + daemonSet,
            "--container=" + container,
            "--tail=50")
        .output();
  }

  /** Lets all be deleted. */
  void delete() {
    for (String file : List.of("overlays/demo/runtime-class.yaml", "base/namespace.yaml")) {
      node.kubectl("delete", "--wait=false", "--filename=" + DEPLOY.resolve(file)).orThrow();
    }
  }
}
