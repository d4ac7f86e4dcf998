package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.core.CriRouter;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.testkit.TestRuntime;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The service of the proxy on a node in a folder: the real router, but no process. */
final class FakeProxy {
  private final FakeNode node;
  private boolean isBroken;
  private String version = "";
  private Optional<CriRouter> router = Optional.empty();
  private String socket = "";

  FakeProxy(FakeNode node) {
    this.node = node;
  }

  /** Makes all further starts fail. */
  void breakStarts() {
    isBroken = true;
  }

  /** The version of the proxy that runs: the text of its jar; empty if none runs. */
  String version() {
    return version;
  }

  RuntimeBackend backend() {
    return router.orElseThrow();
  }

  /** Starts it with its present unit and configuration; it may end at once. */
  void start() throws IOException {
    String packaged = node.text("/usr/lib/systemd/system/criproxy.service");
    String unit = node.files().read(ProxyProgram.OWN_UNIT).orElse(packaged);
    Matcher start = Pattern.compile("ExecStart=(\\S+) run --config (\\S+)").matcher(unit);
    if (isBroken || !start.find()) {
      return;
    }
    Optional<String> program = node.files().read(start.group(1));
    if (program.isEmpty() || program.get().equals(TarGz.MUTE)) {
      return;
    }
    try {
      ProxyConfig read = ProxyConfig.of(ProxyConfig.parse("config", node.text(start.group(2))));
      CriRouter.Builder builder =
          CriRouter.builder().scheduler(node.time()).policy(read.policy()).ids(read.ids());
      for (BackendConfig backend : read.backends()) {
        RuntimeBackend runtime = node.runtime(backend.socket().toString());
        if (backend.equals(read.backends().get(0))) {
          builder.primary(backend.name(), runtime, backend.options());
        } else {
          builder.secondary(backend.name(), runtime, backend.options());
        }
      }
      CriRouter built = builder.build();
      router = Optional.of(built);
      socket = read.listen().toString();
      version = node.files().read(ProxyProgram.FOLDER + ProxyProgram.JAR).orElse("");
      if (read.stateFile().isPresent()) {
        node.put(read.stateFile().get().toString(), "pods");
      }
      node.serve(socket, TestRuntime.around("proxy", built));
    } catch (BadConfigurationException e) {
      throw new IOException(e);
    }
  }

  /** Reloads: a proxy of the installed version takes over. */
  void handOver() throws IOException {
    if (router.isEmpty()) {
      throw new IOException("criproxy.service is not active, cannot reload");
    }
    if (node.text(ProxyProgram.FOLDER + ProxyProgram.LAUNCHER).equals(TarGz.ENDS)) {
      throw new IOException("the successor has ended");
    }
    stop();
    start();
  }

  void stop() {
    router.ifPresent(CriRouter::close);
    router = Optional.empty();
    version = "";
    node.remove(socket);
  }
}
