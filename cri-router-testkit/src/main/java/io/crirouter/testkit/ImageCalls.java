package io.crirouter.testkit;

import io.crirouter.core.Rpc;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.FilesystemIdentifier;
import io.crirouter.proto.v1.FilesystemUsage;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFilter;
import io.crirouter.proto.v1.ImageFsInfoResponse;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.PullImageResponse;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RemoveImageResponse;
import io.crirouter.proto.v1.StreamImagesResponse;
import io.crirouter.proto.v1.UInt64Value;
import java.util.List;
import java.util.Optional;

/** The rpcs about images. */
final class ImageCalls {
  /** The average size of a file of an image, to estimate the number of inodes. */
  private static final long BYTES_PER_INODE = 16_384;

  private final FakeState state;
  private final String imageFilesystem;
  private final String containerFilesystem;

  ImageCalls(FakeState state, String imageFilesystem, String containerFilesystem) {
    this.state = state;
    this.imageFilesystem = imageFilesystem;
    this.containerFilesystem = containerFilesystem;
  }

  void register(Rpcs rpcs) {
    rpcs.unary(
        Rpc.LIST_IMAGES,
        request -> ListImagesResponse.newBuilder().addAllImages(list(request.getFilter())).build());
    rpcs.chunks(
        Rpc.STREAM_IMAGES,
        request -> list(request.getFilter()),
        chunk -> StreamImagesResponse.newBuilder().addAllImages(chunk).build());
    rpcs.unary(Rpc.IMAGE_STATUS, this::status);
    rpcs.unary(Rpc.PULL_IMAGE, this::pull);
    rpcs.unary(Rpc.REMOVE_IMAGE, this::remove);
    rpcs.unary(Rpc.IMAGE_FS_INFO, request -> fsInfo());
  }

  private List<Image> list(ImageFilter filter) throws RpcException {
    String wanted = filter.getImage().getImage();
    if (wanted.isEmpty()) {
      return state.images.all().stream().map(FakeImage::image).toList();
    }
    return state.images.resolve(wanted).stream().map(FakeImage::image).toList();
  }

  private ImageStatusResponse status(ImageStatusRequest request) throws RpcException {
    Optional<FakeImage> found = state.images.resolve(request.getImage().getImage());
    ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
    found.ifPresent(image -> response.setImage(image.image()));
    if (found.isPresent() && request.getVerbose()) {
      response.putInfo("info", Json.object("id", found.get().id()));
    }
    return response.build();
  }

  private PullImageResponse pull(PullImageRequest request) throws RpcException {
    String handler = request.getImage().getRuntimeHandler();
    if (!state.recording.accepts("PullImage", "no such handler")) {
      state.requireRuntimeHandler(handler);
    }
    FakeImage image = pull(request.getImage().getImage());
    return PullImageResponse.newBuilder().setImageRef(image.id()).build();
  }

  FakeImage pull(String ref) throws RpcException {
    ImageName name =
        ImageName.parse(ref)
            .orElseThrow(
                () ->
                    new RpcException(Code.UNKNOWN, "\"" + ref + "\" is not the name of an image"));
    return state.images.put(FakeImage.inRegistry(name));
  }

  private RemoveImageResponse remove(RemoveImageRequest request) throws RpcException {
    state.images.resolve(request.getImage().getImage()).ifPresent(state.images::remove);
    return RemoveImageResponse.getDefaultInstance();
  }

  private ImageFsInfoResponse fsInfo() {
    long used = state.images.all().stream().mapToLong(image -> image.image().getSize()).sum();
    return ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(usage(imageFilesystem, used))
        .addContainerFilesystems(
            containerFilesystem.equals(imageFilesystem)
                ? usage(imageFilesystem, used)
                : usage(containerFilesystem, 0))
        .build();
  }

  private FilesystemUsage usage(String mountpoint, long bytes) {
    return FilesystemUsage.newBuilder()
        .setTimestamp(state.now())
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(mountpoint))
        .setUsedBytes(UInt64Value.newBuilder().setValue(bytes))
        .setInodesUsed(UInt64Value.newBuilder().setValue(bytes / BYTES_PER_INODE))
        .build();
  }
}
