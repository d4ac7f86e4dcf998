package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendOptions;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.FilesystemUsage;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFsInfoRequest;
import io.crirouter.proto.v1.ImageFsInfoResponse;
import io.crirouter.proto.v1.StreamImagesRequest;
import io.crirouter.proto.v1.StreamImagesResponse;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The merge of ListImages, StreamImages and ImageFsInfo. */
class ImageListTest {
  private static final String ID = "sha256:" + "1".repeat(64);
  private static final String OTHER_ID = "sha256:" + "2".repeat(64);
  private static final String BUSYBOX = "docker.io/library/busybox";

  private static Image onlyImage(Node node, String id) {
    List<Image> found =
        new ImageCalls(node.client)
            .list().stream().filter(image -> image.getId().equals(id)).toList();
    assertThat(found).as("a kubelet keeps images by id").hasSize(1);
    return found.get(0);
  }

  @Test
  void anImageOfBothRuntimesIsListedOnceWithAllNames() {
    Node node = Node.create();

    Image image = onlyImage(node, node.containerd.images().get(0).getId());

    assertThat(image.getRepoTagsList())
        .containsExactly(BUSYBOX + ":latest", "virtlet.cloud/" + BUSYBOX + ":latest");
    assertThat(image.getRepoDigestsList())
        .hasSize(2)
        .satisfiesOnlyOnce(digest -> assertThat(digest).startsWith(BUSYBOX + "@sha256:"))
        .satisfiesOnlyOnce(
            digest -> assertThat(digest).startsWith("virtlet.cloud/" + BUSYBOX + "@sha256:"));
  }

  @Test
  void sharedNamesAreNotDuplicated() {
    Node node = Node.builder().images(ImageStrategy.shared()).build();

    Image image = onlyImage(node, node.containerd.images().get(0).getId());

    assertThat(image.getRepoTagsList()).containsExactly(BUSYBOX + ":latest");
    assertThat(image.getRepoDigestsList()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"10, 20", "20, 10"})
  void theLargestSizeCounts(long atContainerd, long atVirtlet) {
    Node node = Node.create();
    node.containerd.putImage(ImageCalls.image(ID, "example.com/a:1").setSize(atContainerd).build());
    node.virtlet.putImage(ImageCalls.image(ID, "example.com/b:1").setSize(atVirtlet).build());

    assertThat(onlyImage(node, ID).getSize()).isEqualTo(20);
  }

  @Test
  void anImageIsPinnedIfOneRuntimePinsIt() {
    Node node = Node.create();
    node.containerd.putImage(ImageCalls.image(ID, "example.com/pause:1").build());
    node.virtlet.putImage(ImageCalls.image(ID, "example.com/pause:1").setPinned(true).build());
    node.virtlet.putImage(ImageCalls.image(OTHER_ID, "example.com/app:1").build());

    assertThat(onlyImage(node, ID).getPinned()).isTrue();
    assertThat(onlyImage(node, OTHER_ID).getPinned()).isFalse();
  }

  @Test
  void anImageIsPinnedByTheOptionsOfItsRuntime() {
    Pattern pause = Pattern.compile("virtlet\\.cloud/example\\.com/pause:.*");
    Node node = Node.builder().virtlet(BackendOptions.DEFAULT.withPinnedImages(pause)).build();
    node.virtlet.putImage(ImageCalls.image(ID, "example.com/pause:1").build());
    node.containerd.putImage(ImageCalls.image(OTHER_ID, "example.com/pause:1").build());

    assertThat(onlyImage(node, ID).getPinned()).isTrue();
    assertThat(onlyImage(node, OTHER_ID).getPinned()).as("another runtime's pause").isFalse();
  }

  @Test
  void aPinnedImageOfThePrimaryIsPinnedWithoutSecondaries() {
    Pattern pause = Pattern.compile("example\\.com/pause:.*");
    Node node =
        Node.builder()
            .containerd(BackendOptions.DEFAULT.withPinnedImages(pause))
            .virtletStartsLate()
            .build();
    node.containerd.putImage(ImageCalls.image(ID, "example.com/pause:1").build());

    assertThat(onlyImage(node, ID).getPinned()).isTrue();
  }

  @Test
  void aFilterByNameIsRoutedToItsOwner() {
    Node node = Node.create();
    ImageCalls images = new ImageCalls(node.client);
    node.virtlet.pullImage("cirros");

    assertThat(images.list("virtlet.cloud/cirros"))
        .singleElement()
        .satisfies(
            image ->
                assertThat(image.getRepoTagsList())
                    .containsExactly("virtlet.cloud/docker.io/library/cirros:latest"));
    assertThat(node.containerd.journal().callsOf("ListImages")).isEmpty();

    assertThat(images.list("cirros")).as("the primary has none").isEmpty();
    assertThat(node.virtlet.journal().callsOf("ListImages")).hasSize(1);
  }

  @Test
  void aFilterByIdIsSentToAllRuntimes() {
    Node node = Node.create();
    String id = node.virtlet.pullImage("cirros").getId();

    assertThat(new ImageCalls(node.client).list(id)).extracting(Image::getId).containsExactly(id);
    assertThat(node.containerd.journal().callsOf("ListImages")).hasSize(1);
  }

  @Test
  void streamedListsAreTheSame() {
    Node node = Node.create();
    node.virtlet.pullImage("cirros");
    node.containerd.pullImage("nginx");

    List<Image> streamed = new ArrayList<>();
    node.client
        .images()
        .streamImages(StreamImagesRequest.getDefaultInstance())
        .forEachRemaining((StreamImagesResponse part) -> streamed.addAll(part.getImagesList()));

    assertThat(streamed).hasSize(3).isEqualTo(new ImageCalls(node.client).list());
  }

  private static ImageFsInfoResponse fsInfo(Node node) {
    return node.client.images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
  }

  private static List<String> mountpoints(List<FilesystemUsage> filesystems) {
    return filesystems.stream().map(usage -> usage.getFsId().getMountpoint()).toList();
  }

  @Test
  void theFilesystemsOfThePrimaryComeFirst() {
    Node node = Node.create();

    assertThat(mountpoints(fsInfo(node).getImageFilesystemsList()))
        .containsExactly("/var/lib/containerd", "/var/lib/virtlet.cloud");
    assertThat(mountpoints(fsInfo(node).getContainerFilesystemsList()))
        .containsExactly("/var/lib/containerd");
  }

  @Test
  void aSharedFilesystemIsListedOnceFromThePrimary() {
    Node node =
        Node.builder()
            .containerd(fake -> fake.filesystems("/var/lib", "/run"))
            .virtlet(fake -> fake.filesystems("/var/lib", "/var/lib"))
            .build();
    node.containerd.pullImage("nginx");

    ImageFsInfoResponse info = fsInfo(node);

    assertThat(mountpoints(info.getImageFilesystemsList())).containsExactly("/var/lib");
    assertThat(info.getImageFilesystems(0).getUsedBytes().getValue())
        .isEqualTo(node.containerd.images().stream().mapToLong(Image::getSize).sum());
    assertThat(mountpoints(info.getContainerFilesystemsList())).containsExactly("/run");
  }

  @Test
  void aSecondaryWithoutImageFsInfoIsLeftOut() {
    Node node = Node.create();
    node.virtlet.failNext("ImageFsInfo", RpcStatus.Code.UNKNOWN, "no such device");

    assertThat(mountpoints(fsInfo(node).getImageFilesystemsList()))
        .containsExactly("/var/lib/containerd");
  }

  @Test
  void aFailureOfImageFsInfoOfThePrimaryIsTheResponse() {
    Node node = Node.create();
    node.containerd.failNext("ImageFsInfo", RpcStatus.Code.UNKNOWN, "no such device");

    assertFails(() -> fsInfo(node), Code.UNKNOWN, "no such device");
  }
}
