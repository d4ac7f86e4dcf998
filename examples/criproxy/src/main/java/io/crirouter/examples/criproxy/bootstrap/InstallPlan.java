package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.core.BackendName;
import io.crirouter.proto.v1.VersionResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The changes of an installation. Making a plan changes nothing.
 *
 * @param kubelet the kubelet
 * @param proxy the endpoint of the proxy
 * @param program the proxy's program
 * @param proxyFiles the configuration and unit of the proxy
 * @param timerFiles the units of the timer that reverts an uncommitted installation
 * @param endpointFiles the files with the kubelet's endpoint
 */
record InstallPlan(
    Kubelet kubelet,
    Endpoint proxy,
    ProxyProgram program,
    List<FileChange> proxyFiles,
    List<FileChange> timerFiles,
    List<FileChange> endpointFiles) {
  InstallPlan {
    proxyFiles = List.copyOf(proxyFiles);
    timerFiles = List.copyOf(timerFiles);
    endpointFiles = List.copyOf(endpointFiles);
  }

  /**
   * Inspects the node and makes a plan.
   *
   * @param image the unpacked tar.gz of this program, if it runs from one
   * @throws RefusedException if the node is not supported; the message says why
   */
  static InstallPlan of(Node node, InstallOptions options, Optional<Path> image)
      throws IOException, InterruptedException, RefusedException {
    Kubelet kubelet = Kubelet.detectAndVerify(node);
    Endpoint primary = kubelet.endpoint();
    Endpoint proxy = ProxySocket.before(primary);
    if (primary.socket().startsWith(ProxySocket.FOLDER + "/")) {
      throw new RefusedException(
          "the kubelet already uses "
              + primary
              + ", but no installation has set it: set it to the primary first");
    }
    ProxyProgram program = ProxyProgram.find(node, image);
    ProxyFiles files = new ProxyFiles(node, program, primary, proxy);
    InstallPlan plan =
        new InstallPlan(
            kubelet,
            proxy,
            program,
            files.changes(primaryName(node, primary), options, image),
            RevertTimer.files(node, program.executable(), options.revertAfter()),
            EndpointEdits.of(node, kubelet, proxy));
    if (plan.endpointFiles().isEmpty()) {
      throw new RefusedException("no file of the kubelet would change");
    }
    return plan;
  }

  private static String primaryName(Node node, Endpoint primary)
      throws InterruptedException, RefusedException {
    try (RuntimeLink link = RuntimeLink.open(node, primary)) {
      VersionResponse version = link.version();
      return BackendName.of(version.getRuntimeName().toLowerCase(Locale.ROOT)).value();
    } catch (IllegalArgumentException e) {
      return "primary";
    } catch (IOException e) {
      throw new RefusedException(
          "the kubelet's runtime does not answer, so it cannot be the primary: " + e.getMessage());
    }
  }

  /** All files that are written, in this order. */
  List<FileChange> files() {
    return Stream.of(proxyFiles, timerFiles, endpointFiles).flatMap(List::stream).toList();
  }

  /** Describes the changes, with the diff of each file. */
  String describe() {
    StringBuilder text = new StringBuilder();
    kubelet.version().ifPresent(version -> text.append("# kubelet ").append(version).append(", "));
    text.append(kubelet.version().isPresent() ? "" : "# ")
        .append(kubelet.process().distribution())
        .append(", unit ")
        .append(kubelet.process().unit())
        .append("\n# endpoint now:  ")
        .append(kubelet.endpoint())
        .append("\n# endpoint then: ")
        .append(proxy)
        .append('\n');
    program
        .source()
        .ifPresent(
            source ->
                text.append("# copy ")
                    .append(source)
                    .append(" to ")
                    .append(ProxyProgram.SLOTS.get(0))
                    .append(" and link it at ")
                    .append(ProxyProgram.FOLDER)
                    .append('\n'));
    proxyFiles.forEach(file -> text.append(file.diff()));
    timerFiles.forEach(file -> text.append(file.diff()));
    text.append("# systemctl enable and start ").append(ProxyProgram.UNIT).append('\n');
    endpointFiles.forEach(file -> text.append(file.diff()));
    text.append("# systemctl restart ").append(kubelet.process().unit()).append('\n');
    return text.toString();
  }
}
