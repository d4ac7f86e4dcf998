package org.example.vm;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/**
 * Stores images of machines in a folder: parts and manifests by checksum, so that images can share
 * a kernel, and a file that maps names to images. Thread-safe; pulls run concurrently.
 */
final class ImageStore {
  private static final int MAX_MANIFEST_BYTES = 1 << 16;
  private static final String SHA256 = "sha256:";

  private final Path parts;
  private final Path manifests;
  private final Path namesFile;
  private final URI server;
  private final Download download;
  private final long maxBytes;

  private final Map<String, String> names = new TreeMap<>();
  private final Map<String, StoredImage> images = new TreeMap<>();
  private final List<ImageManifest> beingPulled = new ArrayList<>();
  private long pulls;

  /**
   * Opens a store, and removes the files of interrupted pulls.
   *
   * @param folder created if it does not exist
   * @param server the server of images whose names have no host
   * @param maxBytes the size limit for a part of an image
   */
  ImageStore(Path folder, URI server, Download download, long maxBytes) throws IOException {
    this.parts = Files.createDirectories(folder.resolve("parts"));
    this.manifests = Files.createDirectories(folder.resolve("manifests"));
    this.namesFile = folder.resolve("names.properties");
    this.server = server;
    this.download = download;
    this.maxBytes = maxBytes;
    load();
    sweep();
  }

  private void load() throws IOException {
    for (Path file : Folders.list(manifests)) {
      if (file.getFileName().toString().matches("[0-9a-f]{64}")) {
        ImageManifest manifest = ImageManifest.parse(Files.readAllBytes(file));
        add(SHA256 + file.getFileName(), manifest);
      }
    }
    Properties saved = new Properties();
    if (Files.exists(namesFile)) {
      saved.load(new ByteArrayInputStream(Files.readAllBytes(namesFile)));
    }
    saved.stringPropertyNames().forEach(name -> names.put(name, saved.getProperty(name)));
    names.values().retainAll(images.keySet());
  }

  private Path manifestFile(String id) {
    return manifests.resolve(id.substring(SHA256.length()));
  }

  private void add(String id, ImageManifest manifest) throws IOException {
    long size = Files.size(manifestFile(id));
    for (ImageManifest.Part part : manifest.parts().values()) {
      size += Files.size(parts.resolve(part.sha256()));
    }
    images.put(id, new StoredImage(id, manifest, size, parts));
  }

  /**
   * Downloads the missing parts of an image.
   *
   * @return the id of the image
   * @throws IOException if that fails; nothing of it is kept then
   */
  String pull(ImageName name) throws IOException {
    URI folder = name.folder(server);
    byte[] text = download.bytes(folder.resolve(ImageManifest.FILE), MAX_MANIFEST_BYTES);
    ImageManifest manifest = ImageManifest.parse(text);
    String id = SHA256 + Digests.sha256(text);
    if (name.digest().isPresent() && !name.digest().get().equals(id)) {
      throw new IOException(folder + " has the digest " + id + ", which is not that of the name");
    }
    begin(manifest);
    try {
      for (ImageManifest.Part part : manifest.parts().values()) {
        fetch(folder, part);
      }
      if (manifest.part(ImageManifest.DISK).isPresent()) {
        DiskFormat.check(parts.resolve(manifest.part(ImageManifest.DISK).get().sha256()));
      }
      keep(name, id, manifest, text);
      return id;
    } finally {
      end(manifest);
    }
  }

  private synchronized void begin(ImageManifest manifest) {
    beingPulled.add(manifest);
  }

  private synchronized void end(ImageManifest manifest) throws IOException {
    beingPulled.remove(manifest);
    sweep();
  }

  private void fetch(URI folder, ImageManifest.Part part) throws IOException {
    Path target = parts.resolve(part.sha256());
    if (Files.exists(target)) {
      return;
    }
    Path unfinished = parts.resolve(part.sha256() + ".unfinished-" + nextPull());
    try {
      URI uri = folder.resolve(part.file());
      String found = download.file(uri, unfinished, maxBytes);
      if (!found.equals(part.sha256())) {
        throw new IOException(
            uri + " has the checksum " + found + ", but the manifest has " + part.sha256());
      }
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private synchronized long nextPull() {
    return pulls++;
  }

  /** Adds an image. One that had the name before stays without a name until it is removed. */
  private synchronized void keep(ImageName name, String id, ImageManifest manifest, byte[] text)
      throws IOException {
    Folders.write(manifestFile(id), text);
    add(id, manifest);
    names.put(name.tagged(), id);
    save();
  }

  private void save() throws IOException {
    Properties saved = new Properties();
    saved.putAll(names);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    saved.store(text, null);
    Folders.write(namesFile, text.toByteArray());
  }

  /** The image of a name or an id. */
  synchronized Optional<StoredImage> find(String reference) {
    if (reference.startsWith(SHA256)) {
      return Optional.ofNullable(images.get(reference));
    }
    try {
      ImageName name = ImageName.parse(reference);
      String id = name.digest().orElseGet(() -> names.getOrDefault(name.tagged(), ""));
      return Optional.ofNullable(images.get(id));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  synchronized List<StoredImage> list() {
    return List.copyOf(images.values());
  }

  /** The names of an image. */
  synchronized List<String> names(StoredImage image) {
    return names.entrySet().stream()
        .filter(name -> name.getValue().equals(image.id()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Removes an image with all its names, and the parts that no other image has. */
  synchronized void remove(StoredImage image) throws IOException {
    names.values().removeIf(image.id()::equals);
    save();
    images.remove(image.id());
    Files.deleteIfExists(manifestFile(image.id()));
    sweep();
  }

  /** Removes files that neither an image nor a pull needs. */
  private synchronized void sweep() throws IOException {
    Set<String> needed = new HashSet<>();
    images.values().forEach(image -> addParts(image.manifest(), needed));
    beingPulled.forEach(manifest -> addParts(manifest, needed));
    for (Path file : Folders.list(parts)) {
      if (!needed.contains(file.getFileName().toString().replaceFirst("\\.unfinished-.*", ""))) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void addParts(ImageManifest manifest, Collection<String> to) {
    manifest.parts().values().forEach(part -> to.add(part.sha256()));
  }

  /** A folder on the file system of the images. */
  Path folder() {
    return parts;
  }

  /** The sizes of all image files. */
  synchronized List<Long> sizes() throws IOException {
    List<Long> sizes = new ArrayList<>();
    for (Path folder : List.of(parts, manifests)) {
      for (Path file : Folders.list(folder)) {
        if (Files.exists(file)) {
          sizes.add(Files.size(file));
        }
      }
    }
    return sizes;
  }
}
