package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The kubelet of a node, and the configuration of its endpoint.
 *
 * @param process its process
 * @param version its version; empty for K3s and RKE2, which have their own versions
 * @param places the places where its endpoints are configured
 * @param endpoint the endpoint that it uses
 */
record Kubelet(
    KubeletProcess process,
    Optional<KubernetesVersion> version,
    EndpointPlaces places,
    Endpoint endpoint) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Endpoint CONTAINERD = new Endpoint("/run/containerd/containerd.sock");
  private static final String EMBEDDED_FOLDER = "/run/k3s/";
  private static final String DEFAULT_KUBECONFIG = "/etc/kubernetes/kubelet.conf";

  /**
   * Finds the kubelet and its endpoint.
   *
   * @throws RefusedException if it is not supported; the message says why
   */
  static Kubelet detect(Node node) throws IOException, RefusedException {
    KubeletProcess process = KubeletProcess.find(node);
    EndpointPlaces places = EndpointPlaces.of(node, process);
    if (process.distribution().isLikeK3s()) {
      return new Kubelet(process, Optional.empty(), places, ofK3s(process, places));
    }
    String program = process.process().command().get(0);
    CommandResult version = node.run(LIMIT, List.of(program, "--version"));
    KubernetesVersion known = KubernetesVersion.parse(version.output());
    Endpoint endpoint = endpoint(process, places, known);
    requireSameForImages(process, places, endpoint);
    return new Kubelet(process, Optional.of(known), places, endpoint);
  }

  /**
   * Finds the kubelet and compares its endpoint with its /configz, if that can be read.
   *
   * @throws RefusedException if it is not supported, or uses another endpoint
   */
  static Kubelet detectAndVerify(Node node) throws IOException, RefusedException {
    Kubelet kubelet = detect(node);
    Optional<String> inForce = new ApiServer(node, kubelet).endpointInForce();
    if (inForce.isPresent() && !kubelet.endpoint().isWrittenAs(inForce.get())) {
      throw new RefusedException(
          "the kubelet uses "
              + inForce.get()
              + " according to /configz, but its command line and files have "
              + kubelet.endpoint()
              + ": restart it first, so that it uses its files");
    }
    return kubelet;
  }

  private static Endpoint ofK3s(KubeletProcess process, EndpointPlaces places)
      throws RefusedException {
    List<EndpointPlace> written = places.of(EndpointKind.RUNTIME);
    String embedded =
        process.distribution()
            + " runs its embedded containerd. Start it with container-runtime-endpoint and a"
            + " containerd of the node first";
    if (written.isEmpty()) {
      throw new RefusedException(embedded);
    }
    Endpoint endpoint = Endpoint.parse(written.get(written.size() - 1).value());
    if (endpoint.socket().startsWith(EMBEDDED_FOLDER)) {
      throw new RefusedException(embedded);
    }
    return endpoint;
  }

  private static Endpoint endpoint(
      KubeletProcess process, EndpointPlaces places, KubernetesVersion version)
      throws RefusedException {
    Optional<String> flag = effective(process, places, EndpointKind.RUNTIME);
    if (flag.isPresent()) {
      return Endpoint.parse(flag.get());
    }
    if (!version.defaultsToContainerd()) {
      throw new RefusedException(
          "this kubelet "
              + version
              + " uses Docker (it has no --container-runtime-endpoint); move it to a CRI runtime"
              + " first");
    }
    return CONTAINERD;
  }

  /** The effective value: the flag of the running process, or else the value of its files. */
  private static Optional<String> effective(
      KubeletProcess process, EndpointPlaces places, EndpointKind kind) throws RefusedException {
    Optional<String> running = process.flags().value(kind.flag());
    List<EndpointPlace> flags = places.flags(kind);
    if (running.isEmpty()) {
      if (!flags.isEmpty()) {
        throw new RefusedException(
            "the kubelet runs without "
                + flags.get(0)
                + ": restart it first, so that it uses its files");
      }
      return places.configured(kind);
    }
    if (flags.isEmpty()) {
      throw new RefusedException(
          "the kubelet runs with "
              + kind.flag()
              + "="
              + running.get()
              + ", but no environment file, drop-in or unit of "
              + process.unit()
              + " has this flag; write it there or into the kubelet's configuration file");
    }
    if (flags.stream().noneMatch(flag -> flag.value().equals(running.get()))) {
      throw new RefusedException(
          "the kubelet runs with "
              + kind.flag()
              + "="
              + running.get()
              + ", but "
              + flags.get(0).path()
              + " has "
              + flags.get(0).value()
              + ": restart it first, so that it uses its files");
    }
    return running;
  }

  /** Refuses an image endpoint that differs: the proxy sends pods and images to one runtime. */
  private static void requireSameForImages(
      KubeletProcess process, EndpointPlaces places, Endpoint runtime) throws RefusedException {
    Optional<String> images = effective(process, places, EndpointKind.IMAGES);
    if (images.isPresent() && !images.get().isEmpty() && !runtime.isWrittenAs(images.get())) {
      throw new RefusedException(
          "the kubelet gets images from "
              + images.get()
              + " and pods from "
              + runtime
              + ": the proxy sends both to one runtime, so this is not supported");
    }
  }

  /** The value of a flag, or else of the configuration file. */
  private Optional<String> setting(Node node, String flag, String key)
      throws IOException, RefusedException {
    Optional<String> given = process.flags().value(flag);
    if (given.isPresent() || places.configFile().isEmpty()) {
      return given;
    }
    String path = places.configFile().get();
    Optional<String> text = node.files().read(path);
    return text.isEmpty() ? Optional.empty() : YamlText.parse(path, text.get()).value(key);
  }

  /** The URL of its health endpoint; empty if that is disabled. */
  Optional<URI> healthz(Node node) throws IOException, RefusedException {
    String port = setting(node, "--healthz-port", "healthzPort").orElse("10248");
    String address =
        setting(node, "--healthz-bind-address", "healthzBindAddress").orElse("127.0.0.1");
    String host = address.equals("0.0.0.0") || address.equals("::") ? "127.0.0.1" : address;
    return port.equals("0")
        ? Optional.empty()
        : Optional.of(
            URI.create(
                "http://"
                    + (host.contains(":") ? "[" + host + "]" : host)
                    + ":"
                    + port
                    + "/healthz"));
  }

  /** Its configured cgroup driver. */
  Optional<String> cgroupDriver(Node node) throws IOException, RefusedException {
    return setting(node, "--cgroup-driver", "cgroupDriver");
  }

  /** Its name in the cluster. */
  String nodeName(Node node) throws IOException {
    Optional<String> name = process.flags().value("--hostname-override");
    return name.isPresent()
        ? name.get()
        : node.files()
            .read("/proc/sys/kernel/hostname")
            .orElse("localhost")
            .strip()
            .toLowerCase(Locale.ROOT);
  }

  /** The file with its credentials for the API server. */
  String kubeconfig() {
    return process.flags().value("--kubeconfig").orElse(DEFAULT_KUBECONFIG);
  }
}
