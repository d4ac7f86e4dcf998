package io.crirouter.testkit;

import io.crirouter.proto.v1.Image;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One image of a {@link FakeRuntime}.
 *
 * @param image as the runtime reports it
 */
record FakeImage(Image image) {
  /**
   * The image that a pull of {@code name} yields. It is the same for every fake, and the same by
   * tag as by the digest of that tag.
   */
  static FakeImage inRegistry(ImageName name) {
    String digest = name.digest().isEmpty() ? digestOf("manifest " + name.full()) : name.digest();
    String id = digestOf("config " + digest);
    Image.Builder image =
        Image.newBuilder()
            .setId(id)
            .addRepoDigests(name.repository() + "@" + digest)
            .setSize(1_000_000L + Integer.parseInt(id.substring(7, 12), 16));
    if (!name.tag().isEmpty()) {
      image.addRepoTags(name.full());
    }
    return new FakeImage(image.build());
  }

  private static String digestOf(String content) {
    return "sha256:" + sha256(content);
  }

  static String sha256(String content) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  String id() {
    return image.getId();
  }

  Optional<String> firstTag() {
    return image.getRepoTagsList().stream().findFirst();
  }

  Optional<String> firstDigest() {
    return image.getRepoDigestsList().stream().findFirst();
  }

  Long uid() {
    return image.getUid().getValue();
  }

  boolean hasName(String full) {
    return image.getRepoTagsList().contains(full) || image.getRepoDigestsList().contains(full);
  }

  /** The same image with the names of {@code other} added. */
  FakeImage withNamesOf(FakeImage other) {
    Image.Builder union = image.toBuilder();
    other.image.getRepoTagsList().stream().filter(notIn(union)).forEach(union::addRepoTags);
    other.image.getRepoDigestsList().stream().filter(notIn(union)).forEach(union::addRepoDigests);
    return new FakeImage(union.build());
  }

  private static Predicate<String> notIn(Image.Builder image) {
    return name ->
        !image.getRepoTagsList().contains(name) && !image.getRepoDigestsList().contains(name);
  }

  /** The same image without the tags of {@code other}: a tag names one image only. */
  FakeImage withoutTagsOf(FakeImage other) {
    return new FakeImage(
        image.toBuilder()
            .clearRepoTags()
            .addAllRepoTags(
                image.getRepoTagsList().stream().filter(tag -> !other.hasName(tag)).toList())
            .build());
  }
}
