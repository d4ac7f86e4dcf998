package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.FilesystemUsage;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFilter;
import io.crirouter.proto.v1.ImageFsInfoRequest;
import io.crirouter.proto.v1.ImageFsInfoResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;

/** The image service. */
final class ImageRules {
  private static final String ABSENT_IMAGE = "registry.invalid/contract/absent:1";

  private ImageRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("a present image has an id, a name and a size", ImageRules::present);
    area.add("ImageStatus finds an image by its id", ImageRules::byId);
    area.add("ImageStatus of an absent image succeeds without an image", ImageRules::absent);
    area.add("ImageStatus has info only if verbose is set", ImageRules::info, Feature.VERBOSE_INFO);
    area.add("PullImage returns a ref that ImageStatus finds", ImageRules::pull);
    area.add("PullImage twice returns the same ref", ImageRules::pullTwice);
    area.add("PullImage of an invalid name fails", ImageRules::pullInvalidName);
    area.add("PullImage of an absent image fails", ImageRules::pullAbsent, Feature.PULL_ERRORS);
    area.add("ListImages has each id once", ImageRules::list);
    area.add("ListImages honours its filter", ImageRules::filter, Feature.IMAGE_FILTER);
    area.add("the image id of a container is in ListImages", ImageRules::usedImages);
    area.add("RemoveImage removes an image by its id", ImageRules::remove);
    area.add("RemoveImage of an absent image succeeds", ImageRules::removeAbsent);
    area.add(
        "ImageFsInfo reports the mount point and the used bytes",
        ImageRules::fsInfo,
        Feature.IMAGE_FS_INFO);
    return area.rules();
  }

  private static ImageStatusResponse status(RuleCalls calls, ImageSpec image, boolean verbose) {
    return calls
        .images()
        .imageStatus(ImageStatusRequest.newBuilder().setImage(image).setVerbose(verbose).build());
  }

  private static Optional<Image> find(RuleCalls calls, ImageSpec image) {
    ImageStatusResponse status = status(calls, image, false);
    return status.hasImage() ? Optional.of(status.getImage()) : Optional.empty();
  }

  private static Image presentImage(RuleCalls calls) {
    return find(calls, calls.image())
        .orElseThrow(() -> new AssertionError("absent: " + calls.runtimeUnderTest().image));
  }

  private static void present(RuleCalls calls) {
    Image image = presentImage(calls);
    assertFalse(image.getId().isEmpty(), "the id is empty");
    assertTrue(
        image.getRepoTagsCount() + image.getRepoDigestsCount() > 0, "neither tags nor digests");
    assertTrue(image.getSize() > 0, "the size is 0, which kubelets reject");
  }

  private static void byId(RuleCalls calls) {
    Image image = presentImage(calls);
    assertEquals(
        Optional.of(image.getId()),
        find(calls, calls.image(image.getId())).map(Image::getId),
        "kubelets use the id of an image after a pull");
  }

  private static void absent(RuleCalls calls) {
    assertEquals(Optional.empty(), find(calls, calls.image(ABSENT_IMAGE)));
  }

  private static void info(RuleCalls calls) {
    assertTrue(status(calls, calls.image(), false).getInfoMap().isEmpty(), "info without verbose");
    assertFalse(status(calls, calls.image(), true).getInfoMap().isEmpty(), "verbose without info");
  }

  private static String pull(RuleCalls calls, String name) {
    return calls
        .images()
        .pullImage(
            PullImageRequest.newBuilder()
                .setImage(calls.image(name))
                .setSandboxConfig(calls.podConfig())
                .build())
        .getImageRef();
  }

  private static void pull(RuleCalls calls) {
    String ref = pull(calls, calls.runtimeUnderTest().image);
    assertFalse(ref.isEmpty(), "image_ref is empty");
    assertEquals(
        Optional.of(presentImage(calls).getId()),
        find(calls, calls.image(ref)).map(Image::getId),
        "the image of the returned ref");
  }

  private static void pullTwice(RuleCalls calls) {
    String name = calls.runtimeUnderTest().image;
    String ref = pull(calls, name);
    assertFalse(ref.isEmpty(), "image_ref is empty");
    assertEquals(ref, pull(calls, name));
  }

  private static void pullInvalidName(RuleCalls calls) {
    Expect.refused("a pull of 'Not A Name'", () -> pull(calls, "Not A Name"));
  }

  private static void pullAbsent(RuleCalls calls) {
    Expect.refused("a pull of " + ABSENT_IMAGE, () -> pull(calls, ABSENT_IMAGE));
  }

  private static List<Image> images(RuleCalls calls, ImageSpec filter) {
    return calls
        .images()
        .listImages(
            ListImagesRequest.newBuilder()
                .setFilter(ImageFilter.newBuilder().setImage(filter))
                .build())
        .getImagesList();
  }

  private static void list(RuleCalls calls) {
    List<String> ids =
        images(calls, ImageSpec.getDefaultInstance()).stream().map(Image::getId).toList();
    assertEquals(
        ids.stream().distinct().toList(),
        ids,
        "ids must be unique: kubelets use only the last entry of an id");
    assertTrue(ids.contains(presentImage(calls).getId()), () -> "the image is not among " + ids);
  }

  private static void filter(RuleCalls calls) {
    Image image = presentImage(calls);
    // The listed name, because a router may add the name of the runtime.
    String name = image.getRepoTagsCount() > 0 ? image.getRepoTags(0) : image.getRepoDigests(0);
    assertEquals(
        List.of(image.getId()),
        images(calls, calls.image(name)).stream().map(Image::getId).toList());
    assertEquals(List.of(), images(calls, calls.image(ABSENT_IMAGE)));
  }

  /** The image GC of kubelets uses this to find the images in use. */
  private static void usedImages(RuleCalls calls) {
    String id = calls.shared().container();
    List<Container> containers = calls.containers(ContainerFilter.newBuilder().setId(id));
    assertEquals(1, containers.size(), () -> "containers with the id " + id);
    Container container = containers.get(0);
    String used =
        container.getImageId().isEmpty() ? container.getImageRef() : container.getImageId();
    assertTrue(
        images(calls, ImageSpec.getDefaultInstance()).stream()
            .anyMatch(image -> image.getId().equals(used)),
        () -> "the container uses " + used + ", which is not listed: image GC would remove it");
  }

  private static String imageToRemove(RuleCalls calls) {
    Optional<String> name = calls.runtimeUnderTest().imageToRemove();
    assumeTrue(name.isPresent(), "imageToRemove is not set");
    return name.orElseThrow();
  }

  private static void removeImage(RuleCalls calls, String name) {
    var unused =
        calls
            .images()
            .removeImage(
                RemoveImageRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(name))
                    .build());
  }

  private static void remove(RuleCalls calls) throws Exception {
    String name = imageToRemove(calls);
    assertFalse(pull(calls, name).isEmpty(), "image_ref is empty");
    String id = find(calls, calls.image(name)).map(Image::getId).orElse("");
    assertNotEquals("", id, "absent after a pull");
    assertNotEquals(
        presentImage(calls).getId(),
        id,
        "imageToRemove must be another image than the image of the containers");

    removeImage(calls, id);

    assertEquals(Optional.empty(), find(calls, calls.image(name)));
    assertFalse(
        images(calls, ImageSpec.getDefaultInstance()).stream()
            .anyMatch(image -> image.getId().equals(id)),
        "still listed");
  }

  private static void removeAbsent(RuleCalls calls) {
    assertEquals(
        Status.Code.OK,
        Expect.code(
            () -> {
              removeImage(calls, ABSENT_IMAGE);
              return "";
            }));
  }

  /** Some runtimes measure in the background, so their first response may be incomplete. */
  private static void fsInfo(RuleCalls calls) throws Exception {
    calls.eventually(
        () -> {
          ImageFsInfoResponse info =
              calls.images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
          assertTrue(info.getImageFilesystemsCount() > 0, "no file system of images");
          FilesystemUsage images = info.getImageFilesystems(0);
          assertFalse(images.getFsId().getMountpoint().isEmpty(), "no mount point");
          assertTrue(images.getTimestamp() > 0, "no timestamp");
          assertTrue(images.hasUsedBytes(), "no used_bytes");
        });
  }
}
