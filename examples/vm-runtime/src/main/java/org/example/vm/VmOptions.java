package org.example.vm;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How the runtime is set up.
 *
 * @param folder for images, pods and machines; of this runtime alone
 * @param images the HTTP server of images whose names have no host
 * @param qemu the name or path of qemu-system-x86_64
 * @param accelerator as QEMU names it: {@code kvm}, {@code tcg} for emulation in software, or
 *     {@code kvm:tcg} for the second where there is not the first
 * @param cniConfigurations the folder of CNI configurations
 * @param cniPlugins the folders of CNI plugins, with colons
 * @param hostCommand comes before each command; {@code nsenter …} in a container
 * @param maxImageBytes how large a part of an image may be
 */
record VmOptions(
    Path folder,
    URI images,
    String qemu,
    String accelerator,
    Path cniConfigurations,
    String cniPlugins,
    List<String> hostCommand,
    long maxImageBytes) {
  private static final String DEFAULT_PLUGINS = "/opt/cni/bin:/usr/lib/cni";
  private static final long DEFAULT_MAX_IMAGE_BYTES = 10L << 30;
  private static final Set<String> NAMES =
      new TreeSet<>(
          List.of(
              "--folder",
              "--images",
              "--qemu",
              "--accelerator",
              "--cni-configurations",
              "--cni-plugins",
              "--host-command",
              "--max-image-bytes"));

  /**
   * Reads options of a command line, such as {@code --folder PATH}.
   *
   * @throws IllegalArgumentException if one is unknown or has no value
   */
  static VmOptions parse(List<String> arguments) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < arguments.size(); i += 2) {
      String name = arguments.get(i);
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException(name + " is none of the options " + NAMES);
      }
      if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException(name + " needs a value");
      }
      all.put(name, arguments.get(i + 1));
    }
    return new VmOptions(
        Path.of(all.getOrDefault("--folder", "/var/lib/vm-runtime")).toAbsolutePath(),
        URI.create(all.getOrDefault("--images", "http://127.0.0.1:8080/")),
        all.getOrDefault("--qemu", "qemu-system-x86_64"),
        all.getOrDefault("--accelerator", "kvm:tcg"),
        Path.of(all.getOrDefault("--cni-configurations", "/etc/cni/net.d")),
        all.getOrDefault("--cni-plugins", DEFAULT_PLUGINS),
        List.of(all.getOrDefault("--host-command", "").split(" ", -1)).stream()
            .filter(word -> !word.isEmpty())
            .toList(),
        Long.parseLong(
            all.getOrDefault("--max-image-bytes", String.valueOf(DEFAULT_MAX_IMAGE_BYTES))));
  }

  /** What {@link #parse} makes these options of. */
  List<String> arguments() {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--folder", folder.toString(), "--images", images.toString()));
    all.addAll(List.of("--qemu", qemu, "--accelerator", accelerator));
    all.addAll(List.of("--cni-plugins", cniPlugins));
    all.addAll(List.of("--cni-configurations", cniConfigurations.toString()));
    all.addAll(List.of("--host-command", String.join(" ", hostCommand)));
    all.addAll(List.of("--max-image-bytes", String.valueOf(maxImageBytes)));
    return all;
  }
}
