package io.crirouter.core.image;

import com.google.protobuf.ByteString;
import io.crirouter.core.ImageView;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveImageRequest;

/**
 * A request about one image. The three rpcs have the image in the same place.
 *
 * @param message the whole request
 * @param spec its ImageSpec
 */
record ImageRequest(WireMessage message, WireMessage spec) {
  private static final int IMAGE = ImageStatusRequest.IMAGE_FIELD_NUMBER;

  static {
    boolean same =
        IMAGE == PullImageRequest.IMAGE_FIELD_NUMBER
            && IMAGE == RemoveImageRequest.IMAGE_FIELD_NUMBER;
    if (!same) {
      throw new IllegalStateException("the image rpcs differ in where they have the image");
    }
  }

  static ImageRequest parse(ByteString request) throws MalformedMessageException {
    WireMessage message = WireMessage.parse(request);
    return new ImageRequest(message, message.message(IMAGE));
  }

  /** The image as the client names it. */
  String name() {
    return spec.string(ImageSpec.IMAGE_FIELD_NUMBER);
  }

  /** Whether a kubelet makes the call for a pod: its annotations are there, always some. */
  boolean isForPod() {
    return spec.has(ImageSpec.ANNOTATIONS_FIELD_NUMBER);
  }

  /** What a policy sees. */
  ImageView view() throws MalformedMessageException {
    return new ImageView(
        name(),
        spec.stringMap(ImageSpec.ANNOTATIONS_FIELD_NUMBER),
        spec.string(ImageSpec.RUNTIME_HANDLER_FIELD_NUMBER));
  }
}
