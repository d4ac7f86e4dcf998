package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files with which the proxy runs on a node: its configuration, its options, its unit. */
final class ProxyFiles {
  static final String CONFIG = "/etc/criproxy/criproxy.yaml";
  static final String DROP_IN = ProxyProgram.OWN_UNIT + ".d/bootstrap.conf";

  private static final String OPTIONS = "CRIPROXY_OPTS";
  private static final Pattern CONFIG_OPTION = Pattern.compile("--config[= ]([^\\s\"]+)");

  /** As the package has them. */
  private static final String PACKAGED_OPTIONS =
      "--listen /run/criproxy/criproxy.sock --connect /run/containerd/containerd.sock"
          + " --state-file /var/lib/criproxy/state";

  private final Node node;
  private final ProxyProgram program;
  private final Endpoint primary;
  private final Endpoint proxy;

  ProxyFiles(Node node, ProxyProgram program, Endpoint primary, Endpoint proxy) {
    this.node = node;
    this.program = program;
    this.primary = primary;
    this.proxy = proxy;
  }

  /**
   * The changes, in the order to make them.
   *
   * @param primaryName what the primary is called
   * @param image the unpacked tar.gz that runs now, if one does
   */
  List<FileChange> changes(String primaryName, InstallOptions options, Optional<Path> image)
      throws IOException, RefusedException {
    List<FileChange> changes = new ArrayList<>();
    String defaults = defaults(image);
    Optional<String> present = presentConfig(defaults);
    String config = present.orElse(CONFIG);
    if (node.files().exists(config)) {
      requireFits(config, options);
    } else {
      changes.add(new FileChange(config, Optional.empty(), config(primaryName, options)));
    }
    if (present.isEmpty()) {
      changes.add(change(ProxyProgram.DEFAULTS, withConfigOption(defaults)));
    }
    if (image.isPresent() && !node.files().exists(program.unitFile())) {
      changes.add(change(program.unitFile(), program.unit(image.get())));
    }
    if (!ProxySocket.runtimeDirectory(proxy).equals("criproxy")) {
      changes.add(change(DROP_IN, dropIn()));
    }
    return changes.stream().filter(change -> !change.isEmpty()).toList();
  }

  private FileChange change(String path, String after) throws IOException {
    return new FileChange(path, node.files().read(path), after);
  }

  private String defaults(Optional<Path> image) throws IOException {
    Optional<String> present = node.files().read(ProxyProgram.DEFAULTS);
    return present.isPresent() || image.isEmpty()
        ? present.orElse("")
        : Files.readString(image.get().resolve("share/criproxy.default"));
  }

  /** The configuration file that the service has already. */
  private static Optional<String> presentConfig(String defaults) throws RefusedException {
    Optional<String> options = optionsLine(defaults);
    if (options.isEmpty() || options.get().equals(PACKAGED_OPTIONS)) {
      return Optional.empty();
    }
    Matcher config = CONFIG_OPTION.matcher(options.get());
    if (config.matches()) {
      return Optional.of(config.group(1));
    }
    throw new RefusedException(
        ProxyProgram.DEFAULTS
            + " has options of yours: "
            + options.get()
            + "; write a configuration file that says the same and set "
            + OPTIONS
            + "=\"--config FILE\"");
  }

  private static Pattern optionsPattern() {
    return Pattern.compile("(?m)^" + OPTIONS + "=\"?([^\"\\n]*)\"?[ \\t]*$");
  }

  private static Optional<String> optionsLine(String defaults) {
    Matcher line = optionsPattern().matcher(defaults);
    return line.find() ? Optional.of(line.group(1).strip()) : Optional.empty();
  }

  private static String withConfigOption(String defaults) {
    String line = OPTIONS + "=\"--config " + CONFIG + "\"";
    Matcher present = optionsPattern().matcher(defaults);
    return present.find()
        ? present.replaceFirst(Matcher.quoteReplacement(line))
        : defaults + (defaults.isEmpty() || defaults.endsWith("\n") ? "" : "\n") + line + "\n";
  }

  private String config(String primaryName, InstallOptions options) throws RefusedException {
    StringBuilder text =
        new StringBuilder(
            "# Written by \"criproxy bootstrap install\"; see \"criproxy config --help\".\n");
    text.append("listen: ").append(proxy.socket()).append('\n');
    text.append("stateFile: /var/lib/criproxy/state\n");
    text.append("backends:\n");
    appendBackend(text, primaryName, primary.toString());
    options.runtimes().forEach((name, socket) -> appendBackend(text, name, socket));
    if (!options.handlers().isEmpty()) {
      text.append("policies:\n  - annotation: kubernetes.io/target-runtime\n  - runtimeHandler:\n");
      options
          .handlers()
          .forEach((handler, name) -> text.append("      " + handler + ": " + name + "\n"));
    }
    try {
      ProxyConfig unused = ProxyConfig.of(ProxyConfig.parse(CONFIG, text.toString()));
    } catch (BadConfigurationException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    }
    return text.toString();
  }

  private static void appendBackend(StringBuilder text, String name, String endpoint) {
    text.append("  - name: ").append(name).append("\n    endpoint: ").append(endpoint).append('\n');
  }

  /** Whether a configuration that is there already lets the proxy stand before the primary. */
  private void requireFits(String path, InstallOptions options)
      throws IOException, RefusedException {
    if (!options.runtimes().isEmpty() || !options.handlers().isEmpty()) {
      throw new RefusedException(
          path + " is there already: write runtimes and runtime handlers there, not as options");
    }
    ProxyConfig config;
    try {
      config = ProxyConfig.of(ProxyConfig.parse(path, node.files().read(path).orElse("")));
    } catch (BadConfigurationException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    }
    BackendConfig first = config.backends().get(0);
    if (!primary.isWrittenAs(first.socket().toString())) {
      throw new RefusedException(
          "%s: the first backend, %s at %s, must be the runtime that the kubelet uses now: %s"
              .formatted(path, first.name(), first.socket(), primary));
    }
    if (!proxy.isWrittenAs(config.listen().toString())) {
      throw new RefusedException(
          "%s: listen must be %s, not %s".formatted(path, proxy.socket(), config.listen()));
    }
  }

  private String dropIn() {
    return "# Written by \"criproxy bootstrap install\": the folder of the proxy's socket.\n"
        + "[Service]\nRuntimeDirectory="
        + ProxySocket.runtimeDirectory(proxy)
        + "\n";
  }
}
