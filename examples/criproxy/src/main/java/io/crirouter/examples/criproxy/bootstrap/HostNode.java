package io.crirouter.examples.criproxy.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.RuntimeBackend;
import io.crirouter.grpc.GrpcBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** This machine, or from within a pod (hostPID) the host, whose files are below {@code root}. */
final class HostNode implements Node {
  private static final Path OWN_ROOT = Path.of("/");
  private static final int HTTP_MILLIS = 3_000;
  private static final int NOT_FOUND = 127;

  /** Enters all namespaces of the host's first process. */
  private static final List<String> ENTER =
      List.of("nsenter", "-t", "1", "-m", "-u", "-i", "-n", "-p", "--");

  private final Path root;
  private final NodeFiles files;

  HostNode(Path root) {
    this.root = root;
    this.files = new RootedFiles(root);
  }

  @Override
  public NodeFiles files() {
    return files;
  }

  @Override
  public List<NodeProcess> processes() throws IOException {
    // Processes with the file system of this process, or of the host's first process.
    return ProcessTable.read(root.resolve("proc"), root.equals(OWN_ROOT) ? "self" : "1");
  }

  @Override
  public CommandResult run(Duration limit, List<String> command) throws IOException {
    List<String> words = new ArrayList<>(root.equals(OWN_ROOT) ? List.of() : ENTER);
    words.addAll(command);
    Path output = Files.createTempFile("criproxy", ".out");
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            String.join(" ", command) + " did not end within " + limit.toSeconds() + " s");
      }
      return new CommandResult(process.exitValue(), new String(Files.readAllBytes(output), UTF_8));
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("error=2")) {
        return new CommandResult(NOT_FOUND, command.get(0) + " is not installed");
      }
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + command.get(0) + " ran", e);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  @Override
  public boolean answersOk(URI url) {
    try {
      HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(HTTP_MILLIS);
      connection.setReadTimeout(HTTP_MILLIS);
      int code = connection.getResponseCode();
      connection.disconnect();
      return code == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public RuntimeBackend runtime(String socket) {
    try {
      return GrpcBackend.connect(files.locate(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public void pause(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }
}
