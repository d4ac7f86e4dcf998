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
 * The options of the runtime.
 *
 * @param folder the folder for images, pods and machines of this runtime only
 * @param images the HTTP server of images whose names have no host
 * @param qemu the name or path of qemu-system-x86_64
 * @param accelerator an accelerator of QEMU: {@code kvm}, {@code tcg} for software emulation, or
 *     {@code kvm:tcg} for tcg if kvm is not available
 * @param cniConfigurations the folder of CNI configurations
 * @param cniPlugins the folders of CNI plugins, separated by colons
 * @param hostCommand precedes each command; {@code nsenter …} in a container
 * @param maxImageBytes the size limit for a part of an image
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
   * Parses command line options such as {@code --folder PATH}.
   *
   * @throws IllegalArgumentException if one is unknown or has no value
   */
  static VmOptions parse(List<String> arguments) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < arguments.size(); i += 2) {
      String name = arguments.get(i);
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException("unknown option " + name + "; accepted: " + NAMES);
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

  /** The command line that {@link #parse} converts to these options. */
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
