package io.crirouter.core.internal.routing;

import com.google.protobuf.ByteString;
import io.crirouter.core.ImageView;
import io.crirouter.core.PodView;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import java.util.Optional;

/**
 * A request about one image. The three rpcs have the image in the same field.
 *
 * @param message the whole request
 * @param spec its ImageSpec
 * @param isPull whether it is a PullImageRequest, which can have a sandbox config
 */
public record ImageRequest(WireMessage message, WireMessage spec, boolean isPull) {
  private static final int IMAGE = ImageStatusRequest.IMAGE_FIELD_NUMBER;

  /**
   * Parses an ImageStatusRequest or a RemoveImageRequest.
   *
   * @throws RpcException INVALID_ARGUMENT if the image's name is too long
   */
  public static ImageRequest parse(ByteString request)
      throws RpcException, MalformedMessageException {
    return parse(request, false);
  }

  /**
   * Parses a PullImageRequest.
   *
   * @throws RpcException INVALID_ARGUMENT if the image's name is too long
   */
  public static ImageRequest parsePull(ByteString request)
      throws RpcException, MalformedMessageException {
    return parse(request, true);
  }

  private static ImageRequest parse(ByteString request, boolean isPull)
      throws RpcException, MalformedMessageException {
    WireMessage message = WireMessage.parse(request);
    ImageRequest image = new ImageRequest(message, message.message(IMAGE), isPull);
    RequestLimits.checkImageName(image.name());
    return image;
  }

  /** The client's image ref. */
  public String name() {
    return spec.string(ImageSpec.IMAGE_FIELD_NUMBER);
  }

  /**
   * Whether a kubelet makes the call for a pod. Such a call has the pod's annotations, of which
   * there are always some, or its sandbox config.
   */
  public boolean isForPod() {
    return spec.has(ImageSpec.ANNOTATIONS_FIELD_NUMBER) || hasSandboxConfig();
  }

  private boolean hasSandboxConfig() {
    return isPull && message.has(PullImageRequest.SANDBOX_CONFIG_FIELD_NUMBER);
  }

  /** The pod, if the request has its sandbox config. */
  Optional<PodView> pod() throws RpcException, MalformedMessageException {
    return hasSandboxConfig()
        ? Optional.of(
            PodReader.read(
                message.message(PullImageRequest.SANDBOX_CONFIG_FIELD_NUMBER),
                spec.string(ImageSpec.RUNTIME_HANDLER_FIELD_NUMBER)))
        : Optional.empty();
  }

  /**
   * The view for policies.
   *
   * @throws RpcException RESOURCE_EXHAUSTED if there are too many annotations
   */
  public ImageView view() throws RpcException, MalformedMessageException {
    String name = name();
    RequestLimits.checkMetadata(
        spec.sizeOf(ImageSpec.ANNOTATIONS_FIELD_NUMBER), () -> "the pod that uses image " + name);
    return ImageView.builder(name)
        .annotations(spec.stringMap(ImageSpec.ANNOTATIONS_FIELD_NUMBER))
        .runtimeHandler(spec.string(ImageSpec.RUNTIME_HANDLER_FIELD_NUMBER))
        .forPod(isForPod())
        .build();
  }
}
