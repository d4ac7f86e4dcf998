package io.crirouter.examples.criproxy;

import io.crirouter.core.BackendName;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.logging.LogLevel;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.FakeRuntimeBuilder;
import io.crirouter.testkit.RealRuntime;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves a fake runtime until it is stopped. */
@Command(
    name = "fake",
    description = "Serves an in-memory container runtime, for crictl or for the proxy.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Pods, containers and images are created and removed as in a real runtime, but",
      "nothing runs: every pull succeeds, exec -s knows echo, true, false,",
      "sleep SECONDS and sh -c 'exit CODE', and the URLs of exec, attach and",
      "port-forward lead nowhere. Everything is lost when it stops.",
      "",
      "Example:",
      "  criproxy fake --socket /tmp/fake.sock --like containerd-2.1",
      "  crictl --runtime-endpoint unix:///tmp/fake.sock version"
    })
final class FakeCommand implements Callable<Integer> {
  @Option(
      names = "--socket",
      required = true,
      paramLabel = "PATH",
      converter = SocketAddressText.class,
      description = "Where the runtime listens.")
  private Path socket = Path.of("");

  @Option(
      names = "--name",
      defaultValue = "fake",
      paramLabel = "NAME",
      converter = RuntimeName.class,
      description = "The runtime name in Version; fake by default.")
  private BackendName name = BackendName.of("fake");

  @Option(
      names = "--like",
      paramLabel = "RUNTIME",
      description = {
        "Answer like this runtime, also in Version: one of ${COMPLETION-CANDIDATES}.",
        "By default it serves all of CRI."
      })
  private Optional<RealRuntime> like = Optional.empty();

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "An image that exists from the start. May be repeated.")
  private List<String> images = List.of();

  @Option(
      names = "--handler",
      paramLabel = "HANDLER",
      description = "A runtime handler that pods can ask for. May be repeated.")
  private List<String> handlers = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws BadConfigurationException, IOException {
    LogLevel.ERROR.apply();
    StartChecks.requireListenable(socket);
    FakeRuntime runtime = runtime();
    StopSignal stop = StopSignal.listen();
    try (CriServer server = runtime.serve(socket)) {
      announce(runtime);
      stop.await();
      server.shutdown(Duration.ZERO);
    } finally {
      stop.done();
    }
    return 0;
  }

  private FakeRuntime runtime() throws BadConfigurationException {
    FakeRuntimeBuilder builder = FakeRuntime.named(name.toString());
    like.ifPresent(builder::like);
    handlers.forEach(builder::runtimeHandler);
    try {
      return builder.images(images.toArray(String[]::new)).build();
    } catch (IllegalArgumentException e) {
      throw new BadConfigurationException("--image: " + e.getMessage(), e);
    }
  }

  private void announce(FakeRuntime runtime) {
    PrintWriter out = spec.commandLine().getOut();
    try (CriClient client = CriClient.of(runtime)) {
      VersionResponse version = client.runtime().version(VersionRequest.getDefaultInstance());
      out.printf(
          "A fake runtime, %s %s, listens on %s until it is stopped (Ctrl-C). Try:%n  %s%n",
          version.getRuntimeName(), version.getRuntimeVersion(), socket, crictl(socket, "version"));
    }
    out.flush();
  }

  /** A crictl command line for the runtime at {@code socket}. */
  static String crictl(Path socket, String command) {
    return "crictl --runtime-endpoint unix://" + socket.toAbsolutePath() + " " + command;
  }
}
