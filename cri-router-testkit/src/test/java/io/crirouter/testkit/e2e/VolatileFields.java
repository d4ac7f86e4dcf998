package io.crirouter.testkit.e2e;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.UInt64Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Normalizes the fields that differ between two responses to the same request: timestamps, usage,
 * and the order of images and their names, which containerd keeps in maps.
 */
final class VolatileFields {
  private VolatileFields() {}

  /**
   * The same message with all timestamps and measured values set to 0, and with images ordered by
   * id.
   */
  @SuppressWarnings("unchecked")
  static <M extends Message> M removedFrom(M message) {
    if (message instanceof UInt64Value) {
      return (M) UInt64Value.getDefaultInstance();
    }
    Message.Builder builder = message.toBuilder();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.getName().equals("timestamp")) {
                builder.clearField(field);
              } else if (field.getJavaType() == JavaType.MESSAGE && !field.isMapField()) {
                removeFrom(builder, field, value);
              }
            });
    sort(builder);
    return (M) builder.build();
  }

  private static void sort(Message.Builder builder) {
    if (builder instanceof ListImagesResponse.Builder list) {
      List<Image> images = new ArrayList<>(list.getImagesList());
      images.sort(Comparator.comparing(Image::getId));
      list.clearImages().addAllImages(images);
    } else if (builder instanceof Image.Builder image) {
      List<String> tags = image.getRepoTagsList().stream().sorted().toList();
      List<String> digests = image.getRepoDigestsList().stream().sorted().toList();
      image.clearRepoTags().addAllRepoTags(tags);
      image.clearRepoDigests().addAllRepoDigests(digests);
    }
  }

  private static void removeFrom(Message.Builder builder, FieldDescriptor field, Object value) {
    if (field.isRepeated()) {
      List<?> all = (List<?>) value;
      for (int i = 0; i < all.size(); i++) {
        builder.setRepeatedField(field, i, removedFrom((Message) all.get(i)));
      }
    } else {
      builder.setField(field, removedFrom((Message) value));
    }
  }
}
