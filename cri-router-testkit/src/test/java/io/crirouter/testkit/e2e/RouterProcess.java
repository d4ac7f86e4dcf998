package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.StateStore;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdPair;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A router with a state file in a separate process, which can be killed. */
final class RouterProcess implements AutoCloseable {
  private static final String LISTENING = "listens";

  private final Process process;
  private final CriClient client;

  private RouterProcess(Process process, Path socket) {
    this.process = process;
    this.client = CriClient.connect(socket);
  }

  /** Starts a router and returns when it listens. */
  static RouterProcess start(ContainerdPair runtimes, Path stateFile) {
    RouterInFront.Sockets sockets = RouterInFront.Sockets.of(runtimes);
    try {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  RouterProcess.class.getName(),
                  sockets.primary().toString(),
                  sockets.secondary().toString(),
                  sockets.own().toString(),
                  stateFile.toString())
              .redirectError(Redirect.INHERIT)
              .start();
      RouterProcess router = new RouterProcess(process, sockets.own());
      router.awaitStart();
      return router;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the process of the router", e);
    }
  }

  private void awaitStart() throws IOException {
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (!LISTENING.equals(output.readLine())) {
      close();
      throw new AssertionError("the process of the router ended before it listened");
    }
  }

  /** The main method of the process. */
  public static void main(String[] paths) throws IOException, InterruptedException {
    RouterInFront.Sockets sockets =
        new RouterInFront.Sockets(Path.of(paths[0]), Path.of(paths[1]), Path.of(paths[2]));
    StateStore store = StateStore.file(Path.of(paths[3]), Runnable::run);
    try (RouterInFront router =
        RouterInFront.between(
            sockets, RouterInFront.Setup.DEFAULT.with(builder -> builder.stateStore(store)))) {
      System.out.println(LISTENING);
      Thread.currentThread().join();
    }
  }

  CriClient client() {
    return client;
  }

  /** Ends the process by SIGKILL. */
  void kill() {
    process.destroyForcibly();
    try {
      assertThat(process.waitFor(5, TimeUnit.SECONDS)).as("it ended").isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while the router ends", e);
    }
  }

  @Override
  public void close() {
    client.close();
    kill();
  }
}
