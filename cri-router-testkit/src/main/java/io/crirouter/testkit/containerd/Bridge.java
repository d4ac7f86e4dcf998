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
 * <p>The kernel refuses a second bridge of the same name, so a bridge that could be made is also a
 * claim on the subnet of its number, against every other test run on this machine. Its hardware
 * address is a hash of its owner's folder: what a killed run left is found by that alone.
 *
 * @param name the interface, {@code crt} and the number
 * @param number selects the subnet, 0 to 255
 */
record Bridge(String name, int number) {
  private static final Path INTERFACES = Path.of("/sys/class/net");
  private static final String PREFIX = "crt";

  /** Makes the first bridge that is free, with the host's address on it. */
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

  /** The pods' subnet, of the range that RFC 2544 sets aside for tests. */
  String subnet() {
    return "198.18.%d.0/24".formatted(number);
  }

  /** The host's own address in the subnet. */
  String gateway() {
    return "198.18.%d.1".formatted(number);
  }

  /** Removes every bridge that was made for {@code owner}, and the interfaces that hang on it. */
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
      // The bridge went away by itself.
    }
  }

  /** The kernel removes a pod's interface along with its namespace, so it may be gone already. */
  private static void deleteLink(String name) {
    Command.Outcome deleted = Command.run("ip", "link", "delete", name);
    if (Files.exists(INTERFACES.resolve(name))) {
      deleted.orThrow();
    }
  }

  /** Empty for an interface that is being removed, which the kernel reports in several ways. */
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
