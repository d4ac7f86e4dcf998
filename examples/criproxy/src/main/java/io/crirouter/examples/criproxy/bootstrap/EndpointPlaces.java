package io.crirouter.examples.criproxy.bootstrap;

import static io.crirouter.examples.criproxy.bootstrap.EndpointPlace.Form.CONFIG;
import static io.crirouter.examples.criproxy.bootstrap.EndpointPlace.Form.FLAG;
import static io.crirouter.examples.criproxy.bootstrap.EndpointPlace.Form.K3S_CONFIG;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All places where the endpoints of a kubelet are configured.
 *
 * @param all the places by increasing precedence: configuration file, drop-ins, flags
 * @param configFile the kubelet's configuration file, if it has one
 */
record EndpointPlaces(List<EndpointPlace> all, Optional<String> configFile) {
  /** The file in which kubeadm up to 1.33 writes the endpoint. */
  static final String KUBEADM_FLAGS = "/var/lib/kubelet/kubeadm-flags.env";

  /** The file of kubeadm from 1.34 on, which it merges into the kubelet's file at upgrades. */
  static final String INSTANCE_CONFIG = "/var/lib/kubelet/instance-config.yaml";

  EndpointPlaces {
    all = List.copyOf(all);
  }

  /** Reads all files that {@code kubelet} is started with. */
  static EndpointPlaces of(Node node, KubeletProcess kubelet) throws IOException, RefusedException {
    return kubelet.distribution().isLikeK3s() ? ofK3s(node, kubelet) : ofKubelet(node, kubelet);
  }

  private static EndpointPlaces ofKubelet(Node node, KubeletProcess kubelet)
      throws IOException, RefusedException {
    Optional<String> config = kubelet.flags().value("--config");
    List<EndpointPlace> places = new ArrayList<>();
    // The kubelet itself does not read this file.
    addKeys(places, node, INSTANCE_CONFIG, CONFIG);
    if (config.isPresent()) {
      addKeys(places, node, config.get(), CONFIG);
    }
    Optional<String> folder = kubelet.flags().value("--config-dir");
    if (folder.isPresent()) {
      for (String file : below(node, folder.get())) {
        if (file.endsWith(".conf")) {
          addKeys(places, node, file, CONFIG);
        }
      }
    }
    addFlags(places, node, kubelet.unit());
    return new EndpointPlaces(places, config);
  }

  private static EndpointPlaces ofK3s(Node node, KubeletProcess kubelet)
      throws IOException, RefusedException {
    String config = kubelet.distribution().k3sFolder() + "/config.yaml";
    List<EndpointPlace> places = new ArrayList<>();
    addKeys(places, node, config, K3S_CONFIG);
    for (String file : node.files().list(config + ".d")) {
      if (file.endsWith(".yaml") || file.endsWith(".yml")) {
        addKeys(places, node, file, K3S_CONFIG);
      }
    }
    addFlags(places, node, kubelet.unit());
    return new EndpointPlaces(places, Optional.empty());
  }

  /** The files in a folder and in its folders, in the order in which a kubelet reads them. */
  private static List<String> below(Node node, String folder) throws IOException {
    List<String> files = new ArrayList<>();
    for (String path : node.files().list(folder)) {
      List<String> inner = below(node, path);
      files.addAll(inner.isEmpty() ? List.of(path) : inner);
    }
    return files;
  }

  private static void addKeys(
      List<EndpointPlace> places, Node node, String path, EndpointPlace.Form form)
      throws IOException, RefusedException {
    Optional<String> text = node.files().read(path);
    if (text.isEmpty()) {
      return;
    }
    YamlText yaml = YamlText.parse(path, text.get());
    for (EndpointKind kind : EndpointKind.values()) {
      yaml.value(form == CONFIG ? kind.key() : kind.k3sKey())
          .ifPresent(value -> places.add(new EndpointPlace(path, form, kind, value)));
    }
  }

  private static void addFlags(List<EndpointPlace> places, Node node, String unit)
      throws IOException {
    for (String path : UnitFiles.of(node, unit)) {
      String text = node.files().read(path).orElse("");
      for (EndpointKind kind : EndpointKind.values()) {
        List<String> values = FlagText.values(text, kind.flag());
        if (!values.isEmpty()) {
          places.add(new EndpointPlace(path, FLAG, kind, values.get(values.size() - 1)));
        }
      }
    }
  }

  /** The places of one endpoint, by increasing precedence. */
  List<EndpointPlace> of(EndpointKind kind) {
    return all.stream().filter(place -> place.kind() == kind).toList();
  }

  /** The places of one endpoint that are flags. */
  List<EndpointPlace> flags(EndpointKind kind) {
    return of(kind).stream().filter(place -> place.form() == FLAG).toList();
  }

  /** The value of an endpoint in the configuration files, which a kubelet without a flag uses. */
  Optional<String> configured(EndpointKind kind) {
    return of(kind).stream()
        .filter(place -> place.form() != FLAG && !place.path().equals(INSTANCE_CONFIG))
        .map(EndpointPlace::value)
        .filter(value -> !value.isEmpty())
        .reduce((earlier, later) -> later);
  }
}
