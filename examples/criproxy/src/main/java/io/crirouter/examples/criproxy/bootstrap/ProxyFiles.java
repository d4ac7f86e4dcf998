package io.crirouter.examples.criproxy.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of the proxy on a node: its configuration and its unit. */
final class ProxyFiles {
  static final String CONFIG = "/etc/criproxy/criproxy.yaml";
  static final String DROP_IN = ProxyProgram.OWN_UNIT + ".d/bootstrap.conf";

  private static final String OPTIONS = "CRIPROXY_OPTS";
  private static final Pattern OPTIONS_LINE =
      Pattern.compile("(?m)^" + OPTIONS + "=\"?([^\"\\n]*)\"?[ \\t]*$");

  /** The arguments of a unit without options other than the file. The last file is used. */
  private static final Pattern RUN = Pattern.compile("run(?: --config[= ](\\S+))+");

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
   * The changes, in the order in which they are made.
   *
   * @param primaryName the name of the primary
   * @param image the unpacked tar.gz of this program, if it runs from one
   */
  List<FileChange> changes(String primaryName, InstallOptions options, Optional<Path> image)
      throws IOException, RefusedException {
    List<FileChange> changes = new ArrayList<>();
    String unit = unit(image);
    String config = configFile(node, program.unitFile(), unit);
    if (mustWrite(config, options)) {
      changes.add(change(config, config(primaryName, options)));
    }
    if (!node.files().exists(program.unitFile())) {
      changes.add(change(program.unitFile(), unit));
    }
    if (!ProxySocket.runtimeDirectory(proxy).equals("criproxy")) {
      changes.add(change(DROP_IN, dropIn()));
    }
    return changes.stream().filter(change -> !change.isEmpty()).toList();
  }

  private FileChange change(String path, String after) throws IOException {
    return new FileChange(path, node.files().read(path), after);
  }

  /** The text of the present unit, or of the one that will be written. */
  private String unit(Optional<Path> image) throws IOException {
    Optional<String> present = node.files().read(program.unitFile());
    return present.isPresent() || image.isEmpty() ? present.orElse("") : program.unit(image.get());
  }

  /** The state file of the configured service; empty if it has none. */
  static Optional<String> stateFile(Node node) throws IOException, RefusedException {
    return written(node, configuredPath(node)).stateFile().map(Path::toString);
  }

  /**
   * Checks that the configuration of the service has the runtimes and runtime handlers of {@code
   * options}.
   *
   * @throws RefusedException if one is missing; the message names it
   */
  static void requireConfigured(Node node, InstallOptions options)
      throws IOException, RefusedException {
    if (options.runtimes().isEmpty() && options.handlers().isEmpty()) {
      return;
    }
    String path = configuredPath(node);
    ProxyConfig config = written(node, path);
    for (Map.Entry<String, String> runtime : options.runtimes().entrySet()) {
      Endpoint endpoint = Endpoint.parse(runtime.getValue());
      if (config.backends().stream()
          .noneMatch(
              backend ->
                  backend.name().toString().equals(runtime.getKey())
                      && endpoint.isWrittenAs(backend.socket().toString()))) {
        throw notConfigured("runtime " + runtime.getKey() + " at " + endpoint.socket(), path);
      }
    }
    for (String handler : options.handlers().keySet()) {
      if (!config.policy().runtimeHandlers().contains(handler)) {
        throw notConfigured("runtime handler " + handler, path);
      }
    }
  }

  private static RefusedException notConfigured(String what, String path) {
    return new RefusedException(
        "%s is not in %s, and options do not change an installed file: add it there and run"
                .formatted(what, path)
            + " \"systemctl reload criproxy\", or uninstall first");
  }

  private static String configuredPath(Node node) throws IOException, RefusedException {
    String unitFile = ProxyProgram.find(node, Optional.empty()).unitFile();
    return configFile(node, unitFile, node.files().read(unitFile).orElse(""));
  }

  private static ProxyConfig written(Node node, String path) throws IOException, RefusedException {
    try {
      return ProxyConfig.of(ProxyConfig.parse(path, node.files().read(path).orElse("")));
    } catch (BadConfigurationException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    }
  }

  /** The configuration file that the service reads. */
  private static String configFile(Node node, String unitFile, String unit)
      throws IOException, RefusedException {
    Matcher line = OPTIONS_LINE.matcher(node.files().read(ProxyProgram.DEFAULTS).orElse(""));
    String options = line.find() ? line.group(1) : "";
    String command = ProxyProgram.arguments(unit).replace("$" + OPTIONS, options).strip();
    Matcher run = RUN.matcher(command);
    if (run.matches()) {
      return run.group(1);
    }
    throw new RefusedException(
        ("%s has its own options, in %s or %s: %s; move them to a configuration file, and leave"
                + " only --config FILE")
            .formatted(ProxyProgram.UNIT, ProxyProgram.DEFAULTS, unitFile, command));
  }

  /**
   * Whether to write the file. An existing one is kept if it fits; only the packaged is replaced.
   */
  private boolean mustWrite(String path, InstallOptions options)
      throws IOException, RefusedException {
    Optional<String> present = node.files().read(path);
    if (present.isEmpty()) {
      return true;
    }
    Optional<String> conflict = conflict(path, present.get(), options);
    if (conflict.isPresent() && !present.get().equals(packagedConfig())) {
      throw new RefusedException(conflict.get());
    }
    return conflict.isPresent();
  }

  /** The text of the file in the package. */
  static String packagedConfig() throws IOException {
    try (InputStream text =
        requireNonNull(ProxyFiles.class.getResourceAsStream("criproxy.yaml"), "criproxy.yaml")) {
      return new String(text.readAllBytes(), UTF_8);
    }
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

  /** Why an existing configuration cannot be used with the primary; empty if it can. */
  private Optional<String> conflict(String path, String text, InstallOptions options) {
    if (!options.runtimes().isEmpty() || !options.handlers().isEmpty()) {
      return Optional.of(
          path + " exists already: add runtimes and runtime handlers there, not as options");
    }
    ProxyConfig config;
    try {
      config = ProxyConfig.of(ProxyConfig.parse(path, text));
    } catch (BadConfigurationException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    BackendConfig first = config.backends().get(0);
    if (!primary.isWrittenAs(first.socket().toString())) {
      return Optional.of(
          "%s: the first backend, %s at %s, must be the runtime that the kubelet uses now: %s"
              .formatted(path, first.name(), first.socket(), primary));
    }
    return proxy.isWrittenAs(config.listen().toString())
        ? Optional.empty()
        : Optional.of(
            "%s: listen must be %s, not %s".formatted(path, proxy.socket(), config.listen()));
  }

  private String dropIn() {
    return "# Written by \"criproxy bootstrap install\": the folder of the proxy's socket.\n"
        + "[Service]\nRuntimeDirectory="
        + ProxySocket.runtimeDirectory(proxy)
        + "\n";
  }
}
