package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kubelet that is started as by kubeadm's unit: it is started with the flags of the environment
 * files, and reads its configuration once. It reads them in a way of its own, so that what the
 * bootstrap finds out is compared with something.
 */
final class FakeKubelet {
  static final String CONFIG = "/var/lib/kubelet/config.yaml";
  static final String FLAGS = "/var/lib/kubelet/kubeadm-flags.env";
  static final String INSTANCE = "/var/lib/kubelet/instance-config.yaml";
  static final String EXTRA = "/etc/default/kubelet";
  static final String DROP_INS = "/etc/kubernetes/kubelet.conf.d";

  private final NodeFiles files;
  private final Predicate<String> answers;
  private final List<String> ownFlags = new ArrayList<>();
  private String version = "v1.36.2";
  private List<String> command = List.of();
  private String endpoint = "";
  private String imageEndpoint = "";
  private Predicate<String> refused = socket -> false;
  private int starts;

  /**
   * Creates a kubelet that is not started yet.
   *
   * @param answers whether a runtime answers on a socket
   */
  FakeKubelet(NodeFiles files, Predicate<String> answers) {
    this.files = files;
    this.answers = answers;
  }

  FakeKubelet version(String value) {
    this.version = value;
    return this;
  }

  String version() {
    return version;
  }

  /** Sets flags in the text of the unit. */
  FakeKubelet flags(String... flags) {
    ownFlags.addAll(List.of(flags));
    return this;
  }

  /** It does not become healthy with these endpoints. */
  void refuse(Predicate<String> sockets) {
    refused = sockets;
  }

  void start() {
    try {
      List<String> words = new ArrayList<>(List.of("/usr/bin/kubelet"));
      words.add("--kubeconfig=/etc/kubernetes/kubelet.conf");
      words.add("--config=" + CONFIG);
      words.addAll(ownFlags);
      words.addAll(variable(FLAGS, "KUBELET_KUBEADM_ARGS"));
      words.addAll(variable(EXTRA, "KUBELET_EXTRA_ARGS"));
      command = List.copyOf(words);
      endpoint =
          effective("container-runtime-endpoint", "containerRuntimeEndpoint")
              .orElse("/run/containerd/containerd.sock");
      imageEndpoint = effective("image-service-endpoint", "imageServiceEndpoint").orElse(endpoint);
      starts++;
    } catch (IOException e) {
      throw new AssertionError("the kubelet cannot read its files", e);
    }
  }

  private List<String> variable(String file, String name) throws IOException {
    String text = files.read(file).orElse("");
    Matcher line = Pattern.compile("(?m)^" + name + "=\"?([^\"\n]*)").matcher(text);
    return line.find() && !line.group(1).isBlank()
        ? List.of(line.group(1).strip().split(" +", -1))
        : List.of();
  }

  private Optional<String> effective(String flag, String key) throws IOException {
    Optional<String> given =
        last(Pattern.compile("--" + flag + "[= ]([^ \"']*)"), String.join(" ", command));
    if (given.isPresent()) {
      return given;
    }
    String text = files.read(CONFIG).orElse("");
    for (String dropIn : files.list(DROP_INS)) {
      boolean isRead = dropIn.endsWith(".conf") && command.contains("--config-dir=" + DROP_INS);
      text += isRead ? "\n" + files.read(dropIn).orElse("") : "";
    }
    return last(
        Pattern.compile("(?m)^\\{?\\s*\"?" + key + "\"?:[ \\t]*[\"']?([^\"'\\s,}]*)"), text);
  }

  private static Optional<String> last(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .filter(value -> !value.isEmpty())
        .reduce((first, later) -> later);
  }

  /** The socket that the process uses. */
  String socket() {
    return endpoint.replaceFirst("^unix://", "");
  }

  /** The socket from which the process gets images. */
  String imageSocket() {
    return imageEndpoint.replaceFirst("^unix://", "");
  }

  /** The socket that it would use after a restart. */
  String socketAfterRestart() {
    FakeKubelet other = new FakeKubelet(files, answers).flags(ownFlags.toArray(String[]::new));
    other.start();
    return other.socket();
  }

  boolean isHealthy() {
    return starts > 0
        && !refused.test(socket())
        && answers.test(socket())
        && answers.test(imageSocket());
  }

  int starts() {
    return starts;
  }

  NodeProcess process() {
    return new NodeProcess(1000 + starts, starts, command, Optional.of("kubelet.service"), false);
  }
}
