package org.example.vm;

import java.nio.file.Path;
import java.util.Optional;

/**
 * An image that is here.
 *
 * @param id {@code sha256:…}, of its manifest
 * @param bytes the size of all of its files
 * @param folder where its parts are
 */
record StoredImage(String id, ImageManifest manifest, long bytes, Path folder) {
  Optional<Path> part(String key) {
    return manifest.part(key).map(part -> folder.resolve(part.sha256()));
  }
}
