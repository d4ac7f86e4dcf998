package org.example.vm;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * The address of a pod, and the network card of its machine.
 *
 * @param prefix the prefix length of the network
 * @param gateway may be empty
 */
record PodAddress(String ip, int prefix, String gateway, MachineSpec.NetworkCard card) {
  private static final String FILE = "address.properties";
  private static final int BITS = 32;

  void save(Path folder) throws IOException {
    Properties lines = new Properties();
    lines.setProperty("ip", ip);
    lines.setProperty("prefix", String.valueOf(prefix));
    lines.setProperty("gateway", gateway);
    lines.setProperty("namespace", card.namespace());
    lines.setProperty("tap", card.tap());
    lines.setProperty("mac", card.mac());
    lines.setProperty("mtu", String.valueOf(card.mtu()));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    lines.store(text, null);
    Folders.write(folder.resolve(FILE), text.toByteArray());
  }

  static Optional<PodAddress> load(Path folder) throws IOException {
    Properties lines = new Properties();
    try {
      lines.load(new ByteArrayInputStream(Files.readAllBytes(folder.resolve(FILE))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    return Optional.of(
        new PodAddress(
            lines.getProperty("ip"),
            Integer.parseInt(lines.getProperty("prefix")),
            lines.getProperty("gateway"),
            new MachineSpec.NetworkCard(
                lines.getProperty("namespace"),
                lines.getProperty("tap"),
                lines.getProperty("mac"),
                Integer.parseInt(lines.getProperty("mtu")))));
  }

  /**
   * The kernel argument that sets the address of the card; see
   * Documentation/admin-guide/nfs/nfsroot.rst of the kernel.
   */
  String kernelArgument(String hostname, List<String> nameServers) {
    String name = hostname.matches("[A-Za-z0-9.-]{1,63}") ? hostname : "";
    StringBuilder argument = new StringBuilder("ip=");
    argument.append(String.join(":", ip, "", gateway, mask(), name, "eth0", "off"));
    nameServers.stream().limit(2).forEach(server -> argument.append(':').append(server));
    return argument.toString();
  }

  private String mask() {
    int bits = prefix == 0 ? 0 : -1 << (BITS - prefix);
    return (bits >>> 24) + "." + (bits >> 16 & 255) + "." + (bits >> 8 & 255) + "." + (bits & 255);
  }
}
