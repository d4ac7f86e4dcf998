package io.crirouter.testkit.containerd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The network bridge of one instance.
 *
 * <p>The kernel refuses a second bridge of the same name. So a bridge also reserves its subnet
 * against all other test runs on this machine. The hardware address is a hash of the owner's
 * folder, by which the bridges of a killed run are found.
 *
 * @param name the interface: {@code crt} plus the number
 * @param number selects the subnet, 0 to 255
 */
record Bridge(String name, int number) {
  private static final Path INTERFACES = Path.of("/sys/class/net");
  private static final String PREFIX = "crt";

  /** Creates the first bridge that does not exist, and assigns the host's address to it. */
  static Bridge create(Path owner) {
    for (int number = 0; number < 256; number++) {
      Bridge bridge = new Bridge(PREFIX + number, number);
      if (Files.exists(INTERFACES.resolve(bridge.name))) {
        continue;
      }
      Command.Outcome added =
          Command.run(
              "ip",
              "link",
              "add",
              "name",
              bridge.name,
              "address",
              hardwareAddress(owner),
              "type",
              "bridge");
      if (added.code() != 0 && Files.exists(INTERFACES.resolve(bridge.name))) {
        continue;
      }
      added.orThrow();
      Command.run("ip", "address", "add", bridge.gateway() + "/24", "dev", bridge.name).orThrow();
      Command.run("ip", "link", "set", bridge.name, "up").orThrow();
      return bridge;
    }
    throw new IllegalStateException("all bridges " + PREFIX + "0 to 255 exist: remove stale ones");
  }

  /** The subnet of the pods, in the range that RFC 2544 reserves for tests. */
  String subnet() {
    return "198.18.%d.0/24".formatted(number);
  }

  /** The address of the host in the subnet. */
  String gateway() {
    return "198.18.%d.1".formatted(number);
  }

  /** Removes every bridge that was created for {@code owner}, with its ports. */
  static void removeAllOf(Path owner) {
    String address = hardwareAddress(owner);
    try (DirectoryStream<Path> bridges = Files.newDirectoryStream(INTERFACES, PREFIX + "*")) {
      for (Path bridge : bridges) {
        if (address.equals(readAddress(bridge))) {
          removePorts(bridge.resolve("brif"));
          deleteLink(bridge.getFileName().toString());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list network interfaces", e);
    }
  }

  private static void removePorts(Path ports) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(ports)) {
      for (Path port : all) {
        deleteLink(port.getFileName().toString());
      }
    } catch (NoSuchFileException e) {
      // The bridge was removed in the meantime.
    }
  }

  /** Deletes a link. The kernel may have removed it together with the namespace of its pod. */
  private static void deleteLink(String name) {
    Command.Outcome deleted = Command.run("ip", "link", "delete", name);
    if (Files.exists(INTERFACES.resolve(name))) {
      deleted.orThrow();
    }
  }

  /** The hardware address; empty if the interface is being removed. */
  private static String readAddress(Path networkInterface) {
    try {
      return Files.readString(networkInterface.resolve("address")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** A locally administered unicast address. */
  private static String hardwareAddress(Path owner) {
    byte[] hash = Sha256.of(owner.toString());
    StringBuilder address = new StringBuilder("02");
    for (int i = 0; i < 5; i++) {
      address.append(":%02x".formatted(hash[i]));
    }
    return address.toString();
  }
}
