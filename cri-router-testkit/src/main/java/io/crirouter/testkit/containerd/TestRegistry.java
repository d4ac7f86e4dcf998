package io.crirouter.testkit.containerd;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A docker-registry on a loopback port. It serves {@link #BUSYBOX} and {@link #PAUSE}, and images
 * pushed by tests. Runtimes know it as {@link #HOST} without a port, because an image name with a
 * port cannot have the prefix of a runtime. Thread-safe.
 */
public final class TestRegistry implements AutoCloseable {
  /** The image host for which every {@link ContainerdInstance} uses this registry. */
  public static final String HOST = "registry.test";

  /** {@link TestImage#busybox()}. */
  public static final String BUSYBOX = HOST + "/busybox:1";

  /** {@link TestImage#pause()}, which instances use for their sandboxes. */
  public static final String PAUSE = HOST + "/pause:1";

  static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);
  private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)");

  private final Path folder;
  private final Daemon daemon;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();

  private TestRegistry(Path folder) {
    this.folder = folder;
    this.daemon =
        new Daemon(
            "test registry",
            List.of(
                ContainerdEnvironment.REGISTRY.toString(),
                "serve",
                folder.resolve("registry.yml").toString()),
            "/usr/bin:/bin",
            folder.resolve("registry.log"));
  }

  /**
   * Starts a registry, and pushes {@link #BUSYBOX} and {@link #PAUSE}.
   *
   * @throws IllegalStateException with the end of its log if it does not start; it is removed then
   */
  public static TestRegistry start(RunDirectory run) {
    TestRegistry registry = new TestRegistry(run.newDirectory("registry"));
    try {
      Files.writeString(registry.folder.resolve("registry.yml"), configuration(registry.folder));
      registry.daemon.start(() -> LISTENING.matcher(registry.daemon.log()).find());
      registry.push("busybox:1", TestImage.busybox());
      registry.push("pause:1", TestImage.pause());
      return registry;
    } catch (IOException e) {
      registry.close();
      throw new UncheckedIOException("cannot configure a registry in " + registry.folder, e);
    } catch (RuntimeException e) {
      registry.close();
      throw e;
    }
  }

  /** The configuration. The kernel chooses the port, which is then read from the log. */
  private static String configuration(Path folder) {
    return """
    version: 0.1
    log: {level: info}
    storage: {filesystem: {rootdirectory: %s/data}}
    http: {addr: "127.0.0.1:0"}
    """
        .formatted(folder);
  }

  /**
   * Pushes an image.
   *
   * @param name repository and tag, such as {@code busybox:2}
   * @return the full name, such as {@code registry.test/busybox:2}
   * @throws IllegalStateException if the registry rejects the image
   */
  @CanIgnoreReturnValue
  public String push(String name, TestImage image) {
    int colon = name.indexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("image name must have a tag, as in busybox:2: " + name);
    }
    URI repository = URI.create(address() + "/v2/" + name.substring(0, colon) + "/");
    pushBlob(repository, TestImage.layer());
    pushBlob(repository, image.config());
    send(
        HttpRequest.newBuilder(repository.resolve("manifests/" + name.substring(colon + 1)))
            .header("Content-Type", MANIFEST_TYPE)
            .PUT(BodyPublishers.ofByteArray(image.manifest())),
        201);
    return HOST + "/" + name;
  }

  private void pushBlob(URI repository, byte[] blob) {
    HttpRequest.Builder open =
        HttpRequest.newBuilder(repository.resolve("blobs/uploads/")).POST(BodyPublishers.noBody());
    URI upload = URI.create(send(open, 202).headers().firstValue("Location").orElseThrow());
    URI whole =
        URI.create(
            upload + (upload.getQuery() == null ? "?" : "&") + "digest=" + Sha256.digest(blob));
    send(
        HttpRequest.newBuilder(whole)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(blob)),
        201);
  }

  @CanIgnoreReturnValue
  private HttpResponse<String> send(HttpRequest.Builder builder, int expected) {
    HttpRequest request = builder.timeout(REQUEST_LIMIT).build();
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() != expected) {
        throw new IllegalStateException(
            "test registry answered %s with %d: %s"
                .formatted(request, response.statusCode(), response.body()));
      }
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException("test registry does not answer " + request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking the test registry", e);
    }
  }

  /** The address of the registry, such as {@code http://127.0.0.1:40123}. */
  public String address() {
    Matcher matcher = LISTENING.matcher(daemon.log());
    if (!matcher.find()) {
      throw new IllegalStateException("the test registry is not listening: " + daemon.logTail());
    }
    return "http://" + matcher.group(1);
  }

  /** Ends the registry and removes its images. Closing again has no effect. */
  @Override
  public void close() {
    daemon.kill();
    Leftovers.remove(folder);
  }

  @Override
  public String toString() {
    return daemon + " in " + folder;
  }
}
