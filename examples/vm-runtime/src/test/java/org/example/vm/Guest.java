package org.example.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The image of a small Linux with Debian's kernel and busybox. */
final class Guest {
  static final String IMAGE = "guests/linux:1";

  private Guest() {}

  /** Why the image cannot be made; empty if it can. */
  static Optional<String> reasonToSkip() throws IOException {
    Optional<String> reason = QemuEnvironment.reasonToSkip();
    if (reason.isEmpty() && Folders.list(kernel().resolve("boot")).isEmpty()) {
      reason =
          Optional.of(
              "there is no kernel of a guest in " + kernel() + ": run .ci/install-runtimes");
    }
    return reason.isEmpty() && !QemuEnvironment.has("busybox")
        ? Optional.of("there is no busybox (package busybox-static)")
        : reason;
  }

  private static Path kernel() {
    String runtimes =
        System.getenv().getOrDefault("CRI_ROUTER_RUNTIMES", "/var/lib/cri-router-e2e");
    return Path.of(runtimes, "guest");
  }

  /** Makes the image and serves it. */
  static void putOn(ImageServer server, Path scratch) throws IOException, InterruptedException {
    Path image = scratch.resolve("guest");
    new Command(java.util.List.of(), Files.createDirectories(scratch.resolve("make")))
        .run("bin/make-guest", kernel().toString(), image.toString());
    for (Path file : Folders.list(image)) {
      server.put(
          "/" + IMAGE.replace(':', '/') + "/" + file.getFileName(), Files.readAllBytes(file));
    }
  }
}
