package io.crirouter.testkit.router;

import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFilter;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.Int64Value;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.RecordedCall;
import java.util.List;
import java.util.Optional;

/** The image calls of clients. */
record ImageCalls(CriClient client) {
  /** A spec without a pod: from crictl, or from a kubelet that gets the user of the image. */
  static ImageSpec bare(String image) {
    return ImageSpec.newBuilder().setImage(image).build();
  }

  /** The spec of a kubelet for a pod, with the annotations of the pod. */
  static ImageSpec of(PodSandboxConfig.Builder pod, String image) {
    return ImageSpec.newBuilder()
        .setImage(image)
        .putAllAnnotations(pod.getAnnotationsMap())
        .build();
  }

  /** An image of a test. */
  static Image.Builder image(String id, String... tags) {
    return Image.newBuilder().setId(id).addAllRepoTags(List.of(tags));
  }

  static Image.Builder ofUser(long uid, String id, String... tags) {
    return image(id, tags).setUid(Int64Value.newBuilder().setValue(uid));
  }

  /** The id of the image; empty if it is absent. */
  Optional<String> status(ImageSpec image) {
    var response =
        client.images().imageStatus(ImageStatusRequest.newBuilder().setImage(image).build());
    return response.hasImage() ? Optional.of(response.getImage().getId()) : Optional.empty();
  }

  Optional<String> status(String image) {
    return status(bare(image));
  }

  String pull(ImageSpec image) {
    return client
        .images()
        .pullImage(PullImageRequest.newBuilder().setImage(image).build())
        .getImageRef();
  }

  String pull(ImageSpec image, PodSandboxConfig.Builder pod) {
    return client
        .images()
        .pullImage(PullImageRequest.newBuilder().setImage(image).setSandboxConfig(pod).build())
        .getImageRef();
  }

  void remove(String image) {
    var unused =
        client.images().removeImage(RemoveImageRequest.newBuilder().setImage(bare(image)).build());
  }

  List<Image> list() {
    return client.images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList();
  }

  List<Image> list(String filter) {
    return client
        .images()
        .listImages(
            ListImagesRequest.newBuilder()
                .setFilter(ImageFilter.newBuilder().setImage(bare(filter)))
                .build())
        .getImagesList();
  }

  /** The image names in the calls that a runtime received. */
  static List<String> requestedImages(FakeRuntime runtime, String rpc) {
    return runtime.journal().callsOf(rpc).stream().map(ImageCalls::name).toList();
  }

  private static String name(RecordedCall call) {
    return switch (call.name()) {
      case "ImageStatus" -> call.request(ImageStatusRequest.class).getImage().getImage();
      case "PullImage" -> call.request(PullImageRequest.class).getImage().getImage();
      case "RemoveImage" -> call.request(RemoveImageRequest.class).getImage().getImage();
      default -> throw new IllegalArgumentException(call.name() + " is about no one image");
    };
  }
}
