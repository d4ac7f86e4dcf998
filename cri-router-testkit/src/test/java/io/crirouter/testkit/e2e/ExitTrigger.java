package io.crirouter.testkit.e2e;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Ends a container by a file, while its runtime is down. */
final class ExitTrigger {
  private final Path folder;

  private ExitTrigger(Path folder) {
    this.folder = folder;
  }

  /** Creates a trigger in a new folder. */
  static ExitTrigger in(Path folder) throws IOException {
    return new ExitTrigger(Files.createDirectory(folder));
  }

  /** A container that runs until the trigger fires. */
  ContainerConfig.Builder container() {
    return PodSpecs.container(
            "main",
            "while [ ! -e /trigger/fire ]; do sleep 0.05; done; echo > /trigger/ended; exit 7")
        .addMounts(Mount.newBuilder().setHostPath(folder.toString()).setContainerPath("/trigger"));
  }

  void fire() throws IOException {
    Files.createFile(folder.resolve("fire"));
  }

  /** Waits until the container has noticed the trigger and ends. */
  void awaitEnd() {
    Await.until(
        "end of the container", () -> Files.exists(folder.resolve("ended")), ended -> ended);
  }
}
