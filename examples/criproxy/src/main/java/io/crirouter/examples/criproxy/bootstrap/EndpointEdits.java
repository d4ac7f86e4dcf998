package io.crirouter.examples.criproxy.bootstrap;

import static io.crirouter.examples.criproxy.bootstrap.EndpointPlaces.INSTANCE_CONFIG;
import static io.crirouter.examples.criproxy.bootstrap.EndpointPlaces.KUBEADM_FLAGS;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Computes the file changes that set the endpoint of a kubelet, also for its next upgrade by
 * kubeadm. After each of the changes, the kubelet uses either the old endpoint or the new one.
 */
final class EndpointEdits {
  private final Node node;
  private final Kubelet kubelet;
  private final Endpoint endpoint;
  private final Map<String, String> edited = new LinkedHashMap<>();

  private EndpointEdits(Node node, Kubelet kubelet, Endpoint endpoint) {
    this.node = node;
    this.kubelet = kubelet;
    this.endpoint = endpoint;
  }

  /** The changes that set {@code endpoint}, in the order in which they must be made. */
  static List<FileChange> of(Node node, Kubelet kubelet, Endpoint endpoint)
      throws IOException, RefusedException {
    EndpointEdits edits = new EndpointEdits(node, kubelet, endpoint);
    edits.addMissingKeys();
    edits.replaceAll();
    return edits.changes();
  }

  /** Changes the endpoint in all places. Flags override the other places and come last. */
  private void replaceAll() throws IOException, RefusedException {
    for (EndpointPlace place : kubelet.places().all()) {
      if (!isSet(place)) {
        continue;
      }
      if (isObsolete(place)) {
        edited.put(place.path(), FlagText.remove(text(place.path()), place.name()));
      } else {
        edited.put(place.path(), place.edit(text(place.path()), endpoint.toString()));
      }
    }
  }

  /** Whether the place sets an endpoint. An empty image endpoint means the runtime's. */
  private static boolean isSet(EndpointPlace place) {
    return place.kind() == EndpointKind.RUNTIME || !place.value().isEmpty();
  }

  /** Whether it is a flag that newer kubeadm no longer writes, and that overrides its file. */
  private boolean isObsolete(EndpointPlace place) {
    return place.kind() == EndpointKind.RUNTIME
        && place.path().equals(KUBEADM_FLAGS)
        && node.files().exists(INSTANCE_CONFIG);
  }

  private void addMissingKeys() throws IOException, RefusedException {
    boolean isKubeadm = kubelet.process().distribution() == Distribution.KUBEADM;
    if (isKubeadm && node.files().exists(INSTANCE_CONFIG)) {
      set(INSTANCE_CONFIG);
      set(configFile());
    } else if (!hasAny()) {
      addAnywhere(isKubeadm);
    }
  }

  /** Whether an endpoint is configured. */
  private boolean hasAny() {
    return kubelet.places().of(EndpointKind.RUNTIME).stream()
        .anyMatch(place -> !place.value().isEmpty());
  }

  private void addAnywhere(boolean isKubeadm) throws IOException, RefusedException {
    if (kubelet.version().map(KubernetesVersion::readsEndpointFromFile).orElse(false)) {
      set(configFile());
      if (isKubeadm) {
        // kubeadm 1.34 and newer would otherwise write containerd's endpoint there.
        set(INSTANCE_CONFIG);
      }
      return;
    }
    Optional<String> flags =
        FlagText.add(
            text(KUBEADM_FLAGS),
            "KUBELET_KUBEADM_ARGS",
            EndpointKind.RUNTIME.flag(),
            endpoint.toString());
    edited.put(
        KUBEADM_FLAGS,
        flags.orElseThrow(
            () ->
                new RefusedException(
                    "no endpoint is configured for the kubelet, and this version "
                        + "reads none from its configuration file: start it with "
                        + EndpointKind.RUNTIME.flag()
                        + "="
                        + kubelet.endpoint()
                        + " first")));
  }

  private String configFile() throws RefusedException {
    return kubelet
        .places()
        .configFile()
        .orElseThrow(
            () ->
                new RefusedException(
                    "the kubelet has no configuration file (--config): start it with "
                        + EndpointKind.RUNTIME.flag()
                        + "="
                        + kubelet.endpoint()
                        + " first"));
  }

  private void set(String path) throws IOException, RefusedException {
    YamlText yaml = YamlText.parse(path, text(path));
    edited.put(path, yaml.with(EndpointKind.RUNTIME.key(), endpoint.toString()));
  }

  private String text(String path) throws IOException {
    String text = edited.get(path);
    return text != null ? text : node.files().read(path).orElse("");
  }

  private List<FileChange> changes() throws IOException, RefusedException {
    List<FileChange> changes = new ArrayList<>();
    for (Map.Entry<String, String> file : edited.entrySet()) {
      FileChange change =
          new FileChange(file.getKey(), node.files().read(file.getKey()), file.getValue());
      if (!change.isEmpty()) {
        requireNotPackaged(change.path());
        changes.add(change);
      }
    }
    return changes;
  }

  /** Refuses files of packages, because an upgrade of the package overwrites them. */
  private static void requireNotPackaged(String path) throws RefusedException {
    if (path.startsWith("/usr/lib/") || path.startsWith("/lib/")) {
      throw new RefusedException(
          path
              + " has the kubelet's endpoint, but belongs to a package: move the flag into a"
              + " drop-in below /etc/systemd/system first");
    }
  }
}
