package org.example.vm;

import java.nio.file.Path;
import java.util.Optional;

/**
 * An image in the store.
 *
 * @param id {@code sha256:…}, the checksum of its manifest
 * @param bytes the size of all its files
 * @param folder the folder of its parts
 */
record StoredImage(String id, ImageManifest manifest, long bytes, Path folder) {
  Optional<Path> part(String key) {
    return manifest.part(key).map(part -> folder.resolve(part.sha256()));
  }
}
