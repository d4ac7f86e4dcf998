package io.crirouter.testkit.e2e;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Lets a container end while its runtime cannot be asked for that. */
final class Gate {
  private final Path folder;

  private Gate(Path folder) {
    this.folder = folder;
  }

  /** A closed one in a new folder. */
  static Gate in(Path folder) throws IOException {
    return new Gate(Files.createDirectory(folder));
  }

  /** A container that goes on until the gate opens. */
  ContainerConfig.Builder container() {
    return PodSpecs.container(
            "main", "while [ ! -e /gate/open ]; do sleep 0.05; done; echo > /gate/ended; exit 7")
        .addMounts(Mount.newBuilder().setHostPath(folder.toString()).setContainerPath("/gate"));
  }

  void open() throws IOException {
    Files.createFile(folder.resolve("open"));
  }

  /** Waits until the container is about to end. */
  void awaitEnd() {
    Await.until(
        "end of the container", () -> Files.exists(folder.resolve("ended")), ended -> ended);
  }
}
