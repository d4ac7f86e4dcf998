package io.crirouter.testkit.containerd;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An image built from the static busybox of this machine: {@code /bin/busybox}, a link in {@code
 * /bin} for each of its programs, {@code /tmp}, and the users root (0) and app (1000). Different
 * images have different ids.
 *
 * @param command the default command of containers
 * @param user as in an image's configuration: empty for root, a name, or {@code uid[:gid]}
 * @param labels of the image's configuration
 */
public record TestImage(List<String> command, String user, SortedMap<String, String> labels) {

  /** The layer of about 2 MB, created once. */
  private static final class Layer {
    static final byte[] BYTES = make();

    private Layer() {}

    private static byte[] make() {
      TarArchive archive =
          new TarArchive()
              .directory("bin", 0755)
              .directory("etc", 0755)
              .directory("root", 0700)
              .directory("tmp", 01777)
              .file(
                  "etc/passwd", 0644, "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/tmp:/bin/sh\n")
              .file("etc/group", 0644, "root:x:0:\napp:x:1000:\n")
              .file("bin/busybox", 0755, busybox());
      Command.run(ContainerdEnvironment.BUSYBOX.toString(), "--list")
          .orThrow()
          .lines()
          .filter(program -> !program.equals("busybox"))
          .forEach(program -> archive.symbolicLink("bin/" + program, "busybox"));
      return archive.toByteArray();
    }

    private static byte[] busybox() {
      try {
        return Files.readAllBytes(ContainerdEnvironment.BUSYBOX);
      } catch (IOException e) {
        throw new UncheckedIOException("busybox cannot be read; is busybox-static installed?", e);
      }
    }
  }

  /** Copies the collections. */
  public TestImage {
    command = List.copyOf(command);
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /** An image that runs a shell. */
  public static TestImage busybox() {
    return new TestImage(List.of("sh"), "", new TreeMap<>());
  }

  /**
   * An image for pod sandboxes: sleeps, reaps orphans, and ends on SIGTERM, which process 1 ignores
   * by default.
   */
  public static TestImage pause() {
    String script = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done";
    return new TestImage(List.of("/bin/busybox", "sh", "-c", script), "", new TreeMap<>());
  }

  /** The same image with another user. */
  public TestImage withUser(String newUser) {
    return new TestImage(command, newUser, labels);
  }

  /** The same image with one more label, and therefore another id. */
  public TestImage withLabel(String key, String value) {
    TreeMap<String, String> more = new TreeMap<>(labels);
    more.put(key, value);
    return new TestImage(command, user, more);
  }

  /** The image's only layer. */
  static byte[] layer() {
    return Layer.BYTES;
  }

  /** The image configuration. Its digest is the image id at runtimes. */
  byte[] config() {
    return """
    {"architecture":"%s","os":"linux",
     "config":{"Env":["PATH=/bin"],"Cmd":[%s],"User":%s,"WorkingDir":"/","Labels":{%s}},
     "rootfs":{"type":"layers","diff_ids":["%s"]}}
    """
        .formatted(
            architecture(),
            command.stream().map(TestImage::quote).collect(joining(",")),
            quote(user),
            labels.entrySet().stream()
                .map(label -> quote(label.getKey()) + ":" + quote(label.getValue()))
                .collect(joining(",")),
            Sha256.digest(layer()))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The manifest with the configuration and the layer. */
  byte[] manifest() {
    byte[] config = config();
    return """
    {"schemaVersion":2,"mediaType":"%s",
     "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
     "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}
    """
        .formatted(
            TestRegistry.MANIFEST_TYPE,
            Sha256.digest(config),
            config.length,
            Sha256.digest(layer()),
            layer().length)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String architecture() {
    return switch (System.getProperty("os.arch")) {
      case "amd64", "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> System.getProperty("os.arch");
    };
  }

  private static String quote(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
