package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListImagesResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One entry per image id, because a kubelet keeps images in a map by id. It has the tags and
 * digests of all copies and the largest size. It is pinned if any backend, or its configuration,
 * pins it.
 */
final class MergeImages implements Merge {
  private static final int LIST = ListImagesResponse.IMAGES_FIELD_NUMBER;

  /** One backend's copy of an image. */
  private record Copy(Backend backend, WireMessage image) {}

  @Override
  public boolean usesLastKnown() {
    return true;
  }

  @Override
  public ByteString merge(List<BackendResponse> answers) throws MalformedMessageException {
    Map<String, List<Copy>> byId = new LinkedHashMap<>();
    for (BackendResponse answer : answers) {
      // A failure here means that there is no last known state either.
      if (!answer.isOk()) {
        continue;
      }
      for (WireMessage image : WireMessage.parse(answer.message()).messages(LIST)) {
        byId.computeIfAbsent(image.string(Image.ID_FIELD_NUMBER), id -> new ArrayList<>())
            .add(new Copy(answer.backend(), image));
      }
    }
    WireWriter merged = new WireWriter();
    for (List<Copy> copies : byId.values()) {
      merged.message(LIST, unite(copies));
    }
    return merged.toByteString();
  }

  private static ByteString unite(List<Copy> copies) throws MalformedMessageException {
    WireMessage first = copies.get(0).image;
    boolean pinned = false;
    long size = 0;
    Set<String> tags = new LinkedHashSet<>();
    Set<String> digests = new LinkedHashSet<>();
    for (Copy copy : copies) {
      tags.addAll(copy.image.strings(Image.REPO_TAGS_FIELD_NUMBER));
      digests.addAll(copy.image.strings(Image.REPO_DIGESTS_FIELD_NUMBER));
      size = unsignedMax(size, copy.image.number(Image.SIZE_FIELD_NUMBER));
      pinned |= copy.image.flag(Image.PINNED_FIELD_NUMBER) || isPinnedByOptions(copy);
    }
    if (copies.size() == 1 && pinned == first.flag(Image.PINNED_FIELD_NUMBER)) {
      return first.toByteString();
    }
    WireWriter image =
        new WireWriter()
            .raw(
                first.without(
                    Image.REPO_TAGS_FIELD_NUMBER,
                    Image.REPO_DIGESTS_FIELD_NUMBER,
                    Image.SIZE_FIELD_NUMBER,
                    Image.PINNED_FIELD_NUMBER));
    tags.forEach(tag -> image.element(Image.REPO_TAGS_FIELD_NUMBER, tag));
    digests.forEach(digest -> image.element(Image.REPO_DIGESTS_FIELD_NUMBER, digest));
    return image
        .number(Image.SIZE_FIELD_NUMBER, size)
        .flag(Image.PINNED_FIELD_NUMBER, pinned)
        .toByteString();
  }

  private static long unsignedMax(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static boolean isPinnedByOptions(Copy copy) {
    List<Pattern> patterns = copy.backend.options().pinnedImages();
    if (patterns.isEmpty()) {
      return false;
    }
    List<String> names = new ArrayList<>(copy.image.strings(Image.REPO_TAGS_FIELD_NUMBER));
    names.addAll(copy.image.strings(Image.REPO_DIGESTS_FIELD_NUMBER));
    names.add(copy.image.string(Image.ID_FIELD_NUMBER));
    return patterns.stream()
        .anyMatch(pattern -> names.stream().anyMatch(name -> pattern.matcher(name).matches()));
  }
}
