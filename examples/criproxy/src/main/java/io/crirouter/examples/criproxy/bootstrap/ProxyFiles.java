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

/** The files with which the proxy runs on a node: its configuration and its unit. */
final class ProxyFiles {
  static final String CONFIG = "/etc/criproxy/criproxy.yaml";
  static final String DROP_IN = ProxyProgram.OWN_UNIT + ".d/bootstrap.conf";

  private static final String OPTIONS = "CRIPROXY_OPTS";
  private static final Pattern OPTIONS_LINE =
      Pattern.compile("(?m)^" + OPTIONS + "=\"?([^\"\\n]*)\"?[ \\t]*$");

  /** What the unit runs if it has no options but the file; the last one counts. */
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
   * The changes, in the order to make them.
   *
   * @param primaryName what the primary is called
   * @param image the unpacked tar.gz that runs now, if one does
   */
  List<FileChange> changes(String primaryName, InstallOptions options, Optional<Path> image)
      throws IOException, RefusedException {
    List<FileChange> changes = new ArrayList<>();
    String unit = unit(image);
    String config = configFile(node, program.unitFile(), unit);
    if (isToBeWritten(config, options)) {
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

  /** The unit as it is, or as it will be. */
  private String unit(Optional<Path> image) throws IOException {
    Optional<String> present = node.files().read(program.unitFile());
    return present.isPresent() || image.isEmpty() ? present.orElse("") : program.unit(image.get());
  }

  /** Where the service, whose files are written, keeps its state; empty if nowhere. */
  static Optional<String> stateFile(Node node) throws IOException, RefusedException {
    return written(node, writtenPath(node)).stateFile().map(Path::toString);
  }

  /**
   * Looks whether the service has the runtimes and runtime handlers of {@code options}, whoever
   * wrote its file.
   *
   * @throws RefusedException naming one that it has not
   */
  static void requireWritten(Node node, InstallOptions options)
      throws IOException, RefusedException {
    if (options.runtimes().isEmpty() && options.handlers().isEmpty()) {
      return;
    }
    String path = writtenPath(node);
    ProxyConfig config = written(node, path);
    for (Map.Entry<String, String> runtime : options.runtimes().entrySet()) {
      Endpoint endpoint = Endpoint.parse(runtime.getValue());
      if (config.backends().stream()
          .noneMatch(
              backend ->
                  backend.name().toString().equals(runtime.getKey())
                      && endpoint.isWrittenAs(backend.socket().toString()))) {
        throw notWritten("runtime " + runtime.getKey() + " at " + endpoint.socket(), path);
      }
    }
    for (String handler : options.handlers().keySet()) {
      if (!config.policy().runtimeHandlers().contains(handler)) {
        throw notWritten("runtime handler " + handler, path);
      }
    }
  }

  private static RefusedException notWritten(String what, String path) {
    return new RefusedException(
        "%s is not in %s, and options do not change what is installed: write it there and run"
                .formatted(what, path)
            + " \"systemctl reload criproxy\", or uninstall first");
  }

  private static String writtenPath(Node node) throws IOException, RefusedException {
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
        ("%s has options of yours, in %s or %s: %s; write a configuration file that says the same,"
                + " and leave only --config FILE")
            .formatted(ProxyProgram.UNIT, ProxyProgram.DEFAULTS, unitFile, command));
  }

  /** A file that is there is kept if it fits; the package's own is replaced if it does not. */
  private boolean isToBeWritten(String path, InstallOptions options)
      throws IOException, RefusedException {
    Optional<String> present = node.files().read(path);
    if (present.isEmpty()) {
      return true;
    }
    Optional<String> misfit = misfit(path, present.get(), options);
    if (misfit.isPresent() && !present.get().equals(packagedConfig())) {
      throw new RefusedException(misfit.get());
    }
    return misfit.isPresent();
  }

  /** The file as the package has it. */
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

  /** Why a configuration that is there already does not let the proxy stand before the primary. */
  private Optional<String> misfit(String path, String text, InstallOptions options) {
    if (!options.runtimes().isEmpty() || !options.handlers().isEmpty()) {
      return Optional.of(
          path + " is there already: write runtimes and runtime handlers there, not as options");
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
