package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFilter;
import io.crirouter.proto.v1.ImageFsInfoRequest;
import io.crirouter.proto.v1.ImageFsInfoResponse;
import io.crirouter.proto.v1.ImageServiceGrpc;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.Int64Value;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.StreamImagesRequest;
import io.grpc.Status.Code;
import java.util.List;
import org.junit.jupiter.api.Test;

class FakeRuntimeImageTest {
  private final FakeRuntime runtime = FakeRuntime.create("containerd");
  private final CriClient client = CriClient.of(runtime);

  @Test
  void aPulledImageIsFoundByAllFormsOfItsName() {
    String id = client.images().pullImage(Requests.pull("busybox")).getImageRef();

    Image image = status("busybox");
    assertThat(image.getId()).isEqualTo(id).matches("sha256:[0-9a-f]{64}");
    assertThat(image.getRepoTagsList()).containsExactly("docker.io/library/busybox:latest");
    assertThat(image.getRepoDigestsList())
        .singleElement()
        .asString()
        .matches("docker\\.io/library/busybox@sha256:[0-9a-f]{64}");
    assertThat(image.getSize()).isPositive();
    for (String name :
        List.of(
            "busybox:latest",
            "docker.io/library/busybox",
            image.getRepoDigests(0),
            id,
            id.substring("sha256:".length()),
            id.substring("sha256:".length(), 20),
            id.substring(0, 20))) {
      assertThat(status(name)).as(name).isEqualTo(image);
    }
  }

  @Test
  void theStatusOfAnAbsentImageIsEmptyWithoutAnError() {
    for (String name : List.of("busybox", "sha256:" + "0".repeat(64), "abc", "", "No Name")) {
      assertThat(client.images().imageStatus(Requests.imageStatus(name)).hasImage())
          .as(name)
          .isFalse();
    }
  }

  @Test
  void aNameIsTheSameImageAtEveryRuntime() {
    FakeRuntime other = FakeRuntime.create("crio");

    assertThat(other.pullImage("busybox")).isEqualTo(runtime.pullImage("busybox"));
    assertThat(other.pullImage("busybox:1.36").getId())
        .isNotEqualTo(runtime.pullImage("busybox").getId());
  }

  @Test
  void anImagePulledByDigestIsTheSameAsByTag() {
    Image byTag = FakeRuntime.create("other").pullImage("busybox");

    Image byDigest = runtime.pullImage(byTag.getRepoDigests(0));
    assertThat(byDigest.getId()).isEqualTo(byTag.getId());
    assertThat(byDigest.getRepoTagsList()).isEmpty();

    assertThat(runtime.pullImage("busybox")).as("now with its tag").isEqualTo(byTag);
    assertThat(runtime.images()).hasSize(1);
  }

  @Test
  void aPullNeedsAValidNameAndAKnownHandler() {
    assertFails(() -> client.images().pullImage(Requests.pull("No Name")), Code.UNKNOWN, "No Name");
    assertFails(
        () ->
            client
                .images()
                .pullImage(
                    PullImageRequest.newBuilder()
                        .setImage(
                            ImageSpec.newBuilder().setImage("busybox").setRuntimeHandler("kata"))
                        .build()),
        Code.UNKNOWN,
        "kata");
    assertThatIllegalArgumentException().isThrownBy(() -> runtime.pullImage("No Name"));
    assertThat(runtime.images()).isEmpty();
  }

  @Test
  void listsHaveEachImageOnceAndHonourTheFilter() {
    Image busybox = runtime.pullImage("busybox");
    Image nginx = runtime.pullImage("nginx");

    assertThat(list("")).containsExactly(busybox, nginx);
    assertThat(list("docker.io/library/nginx")).containsExactly(nginx);
    assertThat(list("redis")).isEmpty();
    assertThat(
            client.stream(
                    ImageServiceGrpc.getStreamImagesMethod(),
                    StreamImagesRequest.getDefaultInstance())
                .rest())
        .flatExtracting(chunk -> chunk.getImagesList())
        .containsExactly(busybox, nginx);
  }

  @Test
  void removalRemovesAllNamesAndCanBeRepeated() {
    Image busybox = runtime.pullImage("busybox");

    remove(busybox.getId());
    remove(busybox.getId());

    assertThat(runtime.images()).isEmpty();
    remove("never-there");
  }

  @Test
  void aShortIdOfTwoImagesIsRefused() {
    runtime.putImage(Image.newBuilder().setId("sha256:" + "ab".repeat(32)).build());
    runtime.putImage(Image.newBuilder().setId("sha256:" + "ac".repeat(32)).build());

    assertFails(() -> status("a"), Code.UNKNOWN, "ambiguous");
    assertThat(status("ac").getId()).isEqualTo("sha256:" + "ac".repeat(32));
  }

  @Test
  void putImageTakesTheTagFromAnotherImage() {
    Image pulled = runtime.pullImage("busybox");
    Image own =
        Image.newBuilder()
            .setId("sha256:" + "ab".repeat(32))
            .addRepoTags("docker.io/library/busybox:latest")
            .setUid(Int64Value.newBuilder().setValue(1000))
            .setPinned(true)
            .build();

    runtime.putImage(own);

    assertThat(status("busybox")).isEqualTo(own);
    assertThat(status(pulled.getId()).getRepoTagsList()).isEmpty();
    assertThat(status(pulled.getId()).getRepoDigestsList()).isNotEmpty();
  }

  @Test
  void containersHaveTheUserOfTheirImage() {
    runtime.putImage(
        Image.newBuilder()
            .setId("sha256:" + "ab".repeat(32))
            .addRepoTags("docker.io/library/busybox:latest")
            .setUid(Int64Value.newBuilder().setValue(1000))
            .build());
    String pod = Requests.runPod(client, "web");

    assertThat(
            Requests.status(client, Requests.create(client, pod, "app"))
                .getUser()
                .getLinux()
                .getUid())
        .isEqualTo(1000);
  }

  @Test
  void fileSystemsGrowWithTheImages() {
    CriClient split =
        CriClient.of(FakeRuntime.named("vm").filesystems("/images", "/layers").build());
    assertThat(fsInfo(split).getImageFilesystems(0).getUsedBytes().getValue()).isZero();

    split.images().pullImage(Requests.pull("busybox"));

    ImageFsInfoResponse info = fsInfo(split);
    assertThat(info.getImageFilesystemsList())
        .singleElement()
        .satisfies(
            usage -> {
              assertThat(usage.getFsId().getMountpoint()).isEqualTo("/images");
              assertThat(usage.getUsedBytes().getValue()).isPositive();
            });
    assertThat(info.getContainerFilesystems(0).getFsId().getMountpoint()).isEqualTo("/layers");
  }

  @Test
  void infoIsOnlyInVerboseResponses() {
    runtime.pullImage("busybox");
    ImageStatusRequest request = Requests.imageStatus("busybox");

    assertThat(client.images().imageStatus(request).getInfoMap()).isEmpty();
    assertThat(
            client.images().imageStatus(request.toBuilder().setVerbose(true).build()).getInfoMap())
        .containsKey("info");
  }

  private Image status(String name) {
    return client.images().imageStatus(Requests.imageStatus(name)).getImage();
  }

  private List<Image> list(String name) {
    return client
        .images()
        .listImages(
            ListImagesRequest.newBuilder()
                .setFilter(ImageFilter.newBuilder().setImage(Requests.spec(name)))
                .build())
        .getImagesList();
  }

  private void remove(String name) {
    client
        .images()
        .removeImage(RemoveImageRequest.newBuilder().setImage(Requests.spec(name)).build());
  }

  private static ImageFsInfoResponse fsInfo(CriClient client) {
    return client.images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
  }
}
