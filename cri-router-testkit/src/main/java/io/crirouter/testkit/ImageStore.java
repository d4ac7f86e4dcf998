package io.crirouter.testkit;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The images of a {@link FakeRuntime}. Guarded by the lock of its {@link FakeState}. */
final class ImageStore {
  private static final String SHA256 = "sha256:";

  private final Map<String, FakeImage> byId = new LinkedHashMap<>();

  Collection<FakeImage> all() {
    return List.copyOf(byId.values());
  }

  /** Adds an image, or names to an image that exists, and takes its tags from other images. */
  FakeImage put(FakeImage image) {
    byId.replaceAll((id, other) -> id.equals(image.id()) ? other : other.withoutTagsOf(image));
    return merge(image);
  }

  private FakeImage merge(FakeImage image) {
    FakeImage known = byId.get(image.id());
    FakeImage merged = known == null ? image : image.withNamesOf(known);
    byId.put(image.id(), merged);
    return merged;
  }

  void remove(FakeImage image) {
    byId.remove(image.id());
  }

  /** The image with exactly this id. */
  Optional<FakeImage> byId(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /**
   * Finds an image by id, name, name with digest, or a prefix of its id with or without {@code
   * sha256:}.
   *
   * @throws RpcException UNKNOWN if several ids begin with {@code ref}
   */
  Optional<FakeImage> resolve(String ref) throws RpcException {
    FakeImage exact = byId.get(ref);
    if (exact != null) {
      return Optional.of(exact);
    }
    Optional<FakeImage> named =
        ImageName.parse(ref)
            .flatMap(
                name ->
                    byId.values().stream().filter(image -> image.hasName(name.full())).findFirst());
    return named.isPresent() ? named : resolveShortId(ref);
  }

  private Optional<FakeImage> resolveShortId(String ref) throws RpcException {
    String beginning = ref.startsWith(SHA256) ? ref.substring(SHA256.length()) : ref;
    if (beginning.isEmpty()) {
      return Optional.empty();
    }
    List<FakeImage> found =
        byId.values().stream()
            .filter(image -> withoutAlgorithm(image.id()).startsWith(beginning))
            .toList();
    if (found.size() > 1) {
      throw new RpcException(
          Code.UNKNOWN, "can not resolve \"" + ref + "\" locally: ambiguous image id");
    }
    return found.stream().findFirst();
  }

  private static String withoutAlgorithm(String id) {
    return id.startsWith(SHA256) ? id.substring(SHA256.length()) : id;
  }
}
