package org.example.vm;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The manifest of an image: the file {@value #FILE} beside its parts. It names a kernel and
 * optionally an initramfs, or a disk, each with its checksum:
 *
 * <pre>
 * kernel = vmlinuz sha256:4f…
 * initramfs = initramfs.gz sha256:9c…
 * command-line = console=ttyS0
 * </pre>
 *
 * @param parts kernel and initramfs, or disk
 * @param commandLine the command line of the kernel
 */
record ImageManifest(Map<String, Part> parts, String commandLine) {
  static final String FILE = "image.properties";
  static final String KERNEL = "kernel";
  static final String INITRAMFS = "initramfs";
  static final String DISK = "disk";

  private static final String COMMAND_LINE = "command-line";
  private static final Set<String> KEYS = Set.of(KERNEL, INITRAMFS, DISK, COMMAND_LINE);
  private static final Pattern PART =
      Pattern.compile("(?<file>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}) +sha256:(?<sha256>[0-9a-f]{64})");

  /**
   * A file of an image.
   *
   * @param file its name, in the folder of the manifest
   * @param sha256 its checksum, in hexadecimal
   */
  record Part(String file, String sha256) {}

  /**
   * Parses a manifest.
   *
   * @throws IOException if it is invalid, with the reason
   */
  static ImageManifest parse(byte[] text) throws IOException {
    Properties lines = new Properties();
    try {
      lines.load(new StringReader(new String(text, StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException e) {
      throw new IOException(FILE + " is malformed: " + e.getMessage(), e);
    }
    Map<String, Part> parts = new LinkedHashMap<>();
    for (String key : lines.stringPropertyNames()) {
      if (!KEYS.contains(key)) {
        throw new IOException(FILE + " has '" + key + "', which is none of " + KEYS);
      }
      if (!key.equals(COMMAND_LINE)) {
        parts.put(key, part(key, lines.getProperty(key)));
      }
    }
    if (!parts.keySet().equals(Set.of(DISK))
        && (parts.containsKey(DISK) || !parts.containsKey(KERNEL))) {
      throw new IOException(FILE + " must name a kernel or a disk, not " + parts.keySet());
    }
    return new ImageManifest(parts, lines.getProperty(COMMAND_LINE, "").strip());
  }

  private static Part part(String key, String value) throws IOException {
    Matcher part = PART.matcher(value.strip());
    if (!part.matches()) {
      throw new IOException(FILE + ": " + key + " must be 'FILE sha256:CHECKSUM', not " + value);
    }
    return new Part(part.group("file"), part.group("sha256"));
  }

  Optional<Part> part(String key) {
    return Optional.ofNullable(parts.get(key));
  }
}
