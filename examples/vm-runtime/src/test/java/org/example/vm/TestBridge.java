package org.example.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A separate bridge for the pods of a test, with Debian's CNI plugins. */
final class TestBridge implements AutoCloseable {
  private final String name = "vmt" + ProcessHandle.current().pid() % 1_000_000;
  private final Path configurations;
  private final Path addresses;

  TestBridge(Path folder) throws IOException {
    configurations = Files.createDirectories(folder.resolve("cni"));
    addresses = folder.resolve("addresses");
    String configuration =
        """
        {"cniVersion": "1.0.0", "name": "%s", "plugins": [
          {"type": "bridge", "bridge": "%s", "isGateway": true, "ipam": {
            "type": "host-local", "dataDir": "%s", "ranges": [[{"subnet": "10.123.45.0/24"}]]}}]}
        """
            .formatted(name, name, addresses);
    Files.writeString(configurations.resolve("10-test.conflist"), configuration);
  }

  /** The options of a runtime with this network. */
  String[] options() {
    return new String[] {
      "--cni-configurations", configurations.toString(),
      "--cni-plugins", QemuEnvironment.CNI_PLUGINS.toString()
    };
  }

  /** The addresses that are in use. */
  List<Path> addressesInUse() throws IOException {
    return Folders.list(addresses.resolve(name)).stream()
        .filter(file -> file.getFileName().toString().startsWith("10."))
        .toList();
  }

  @Override
  public void close() throws IOException {
    try {
      new ProcessBuilder("ip", "link", "delete", name).start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
