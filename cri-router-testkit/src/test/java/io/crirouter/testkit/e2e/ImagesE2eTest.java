package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.FilesystemUsage;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFilter;
import io.crirouter.proto.v1.ImageFsInfoRequest;
import io.crirouter.proto.v1.ImageFsInfoResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.TestImage;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images of both runtimes, in the calls of kubelets and crictl. Each test uses its own image. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class ImagesE2eTest extends WithSharedPair {
  /** The image in the response for an absent image. */
  private static final Image NONE = Image.getDefaultInstance();

  @ParameterizedTest
  @EnumSource
  void aPullForAPodGoesOnlyToItsRuntime(Side side) {
    String name = push("for-pod-on-" + side.backend() + ":1");
    PodSandboxConfig pod = PodSpecs.pod(pair(), side, "puller");
    assertThat(status(proxy(), PodSpecs.image(name, pod))).as("before the pull").isEqualTo(NONE);

    String ref = pull(proxy(), PodSpecs.image(name, pod));

    assertThat(ref).startsWith("sha256:");
    Image image = status(proxy(), PodSpecs.image(name, pod));
    assertThat(image.getId()).isEqualTo(ref);
    assertThat(image.getRepoTagsList()).containsExactly(side.image(name));
    assertThat(image.getRepoDigestsList()).allMatch(digest -> digest.startsWith(side.image("reg")));
    for (Side each : Side.values()) {
      assertThat(status(direct(each), PodSpecs.image(name)).getId())
          .as("image at %s itself", each)
          .isEqualTo(each == side ? ref : "");
    }
  }

  @Test
  void aPrefixedNameIsRoutedToTheSecondaryInAllCalls() {
    String name = push("prefixed:1");
    ImageSpec prefixed = PodSpecs.image("virtlet.cloud/" + name);

    String ref = pull(proxy(), prefixed);

    assertThat(status(direct(Side.SECONDARY), PodSpecs.image(name)).getId()).isEqualTo(ref);
    assertThat(status(direct(Side.PRIMARY), PodSpecs.image(name))).isEqualTo(NONE);
    assertThat(status(proxy(), prefixed).getRepoTagsList())
        .containsExactly("virtlet.cloud/" + name);
    remove(prefixed);
    assertThat(status(direct(Side.SECONDARY), PodSpecs.image(name))).isEqualTo(NONE);
  }

  @Test
  void bareImageStatusFollowsThePodsCallEvenWithoutTheDefaultTag() {
    String name = push("hinted:latest");
    PodSandboxConfig pod = PodSpecs.pod(pair(), Side.SECONDARY, "hinting");
    String ref = pull(proxy(), PodSpecs.image(name, pod));

    assertThat(status(proxy(), PodSpecs.image("registry.test/hinted")).getId()).isEqualTo(ref);
  }

  @Test
  void bareImageStatusWithoutAHintGoesToThePrimaryByNameAndToAllById() {
    String name = push("unhinted:1");
    String ref = pull(direct(Side.SECONDARY), PodSpecs.image(name));

    assertThat(status(proxy(), PodSpecs.image(name))).isEqualTo(NONE);
    assertThat(status(proxy(), PodSpecs.image(ref)).getId()).isEqualTo(ref);
    String shortId = ref.substring("sha256:".length(), "sha256:".length() + 13);
    assertThat(status(proxy(), PodSpecs.image(shortId)).getId()).isEqualTo(ref);
  }

  @Test
  void bareImageStatusIsRefusedIfTheImageUsersOfBothDiffer() {
    String name = push("disputed:1", TestImage.busybox().withUser("app"));
    pull(proxy(), PodSpecs.image(name, PodSpecs.pod(pair(), Side.PRIMARY, "one")));
    push("disputed:1", TestImage.busybox().withUser("1000"));
    pull(proxy(), PodSpecs.image(name, PodSpecs.pod(pair(), Side.SECONDARY, "other")));

    Outcome refused = Outcome.of(() -> status(proxy(), PodSpecs.image(name)));

    assertThat(refused.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(refused.message()).contains(name, "containerd", "virtlet.cloud", "app", "1000");
  }

  @Test
  void anImageOfBothRuntimesIsListedOnceWithAllNames() {
    String name = push("common:1");
    String ref = pull(proxy(), PodSpecs.image(name));
    pull(proxy(), PodSpecs.image("virtlet.cloud/" + name));

    List<Image> all = list(proxy(), ImageSpec.getDefaultInstance());

    assertThat(all).extracting(Image::getId).doesNotHaveDuplicates().contains(ref);
    Image image = all.stream().filter(each -> each.getId().equals(ref)).findFirst().orElseThrow();
    assertThat(image.getRepoTagsList()).containsExactlyInAnyOrder(name, "virtlet.cloud/" + name);
    assertThat(image.getRepoDigestsList()).hasSize(2);
    assertThat(image.getSize()).isPositive();
  }

  /** containerd itself ignores the filter. */
  @ParameterizedTest
  @EnumSource
  void anImageFilterIsRoutedToItsRuntime(Side side) {
    String name = push("filtered:1");
    ImageSpec filter = PodSpecs.image(side.image(name));
    pull(proxy(), filter);

    List<Image> listed = list(proxy(), filter);

    assertThat(listed)
        .extracting(side::toRuntimeNames)
        .containsExactlyInAnyOrderElementsOf(list(direct(side), PodSpecs.image(name)));
    assertThat(listed).flatExtracting(Image::getRepoTagsList).contains(side.image(name));
  }

  @Test
  void removalByIdGoesToAllHoldersAndByNameToThePrimary() {
    String name = push("removed:1");
    ImageSpec plain = PodSpecs.image(name);
    String ref = pull(proxy(), plain);
    pull(proxy(), PodSpecs.image("virtlet.cloud/" + name));

    remove(plain);
    assertThat(status(direct(Side.PRIMARY), plain)).isEqualTo(NONE);
    assertThat(status(direct(Side.SECONDARY), plain).getId()).isEqualTo(ref);

    pull(proxy(), plain);
    remove(PodSpecs.image(ref));
    assertThat(status(direct(Side.PRIMARY), plain)).isEqualTo(NONE);
    assertThat(status(direct(Side.SECONDARY), plain)).isEqualTo(NONE);
    remove(PodSpecs.image(ref));
  }

  @Test
  void filesystemsOfBothAreReportedThePrimaryFirst() {
    ImageFsInfoResponse info =
        proxy().images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());

    assertThat(info.getImageFilesystemsList())
        .extracting(ImagesE2eTest::mountpoint)
        .containsExactly(mountpoint(Side.PRIMARY), mountpoint(Side.SECONDARY));
    assertThat(VolatileFields.removedFrom(info).getContainerFilesystemsList())
        .isEqualTo(
            VolatileFields.removedFrom(
                    direct(Side.PRIMARY)
                        .images()
                        .imageFsInfo(ImageFsInfoRequest.getDefaultInstance()))
                .getContainerFilesystemsList());
  }

  @Test
  void aContainerWithAnImageOfAnotherRuntimeIsRefused() {
    Outcome refused =
        Outcome.of(
            () ->
                pod(Side.PRIMARY)
                    .create(
                        PodSpecs.printing("alien", "hello"),
                        "virtlet.cloud/registry.test/busybox:1"));

    assertThat(refused.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(refused.message()).contains("virtlet.cloud/registry.test/busybox:1", "containerd");
  }

  private String push(String name) {
    return push(name, TestImage.busybox());
  }

  /** Pushes an image with a unique id. */
  private String push(String name, TestImage image) {
    return pair().runtimes().registry().push(name, image.withLabel("of", name));
  }

  private static String pull(CriClient client, ImageSpec image) {
    return client
        .images()
        .pullImage(PullImageRequest.newBuilder().setImage(image).build())
        .getImageRef();
  }

  private static Image status(CriClient client, ImageSpec image) {
    return client
        .images()
        .imageStatus(ImageStatusRequest.newBuilder().setImage(image).build())
        .getImage();
  }

  private static List<Image> list(CriClient client, ImageSpec filter) {
    return client
        .images()
        .listImages(
            ListImagesRequest.newBuilder()
                .setFilter(ImageFilter.newBuilder().setImage(filter))
                .build())
        .getImagesList();
  }

  private void remove(ImageSpec image) {
    proxy().images().removeImage(RemoveImageRequest.newBuilder().setImage(image).build());
  }

  private String mountpoint(Side side) {
    return mountpoint(
        direct(side)
            .images()
            .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
            .getImageFilesystems(0));
  }

  private static String mountpoint(FilesystemUsage usage) {
    return usage.getFsId().getMountpoint();
  }
}
