package org.example.vm;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.FilesystemIdentifier;
import io.crirouter.proto.v1.FilesystemUsage;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFsInfoRequest;
import io.crirouter.proto.v1.ImageFsInfoResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.PullImageResponse;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RemoveImageResponse;
import io.crirouter.proto.v1.UInt64Value;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The rpcs of the image service. */
record ImageCalls(ImageStore images, Pods pods) {
  // snippet: images
  PullImageResponse pull(PullImageRequest request) throws RpcException {
    ImageName name = nameOf(request.getImage());
    try {
      return PullImageResponse.newBuilder().setImageRef(images.pull(name)).build();
    } catch (FileNotFoundException e) {
      throw new RpcException(Code.NOT_FOUND, e.getMessage());
    } catch (IOException e) {
      throw new RpcException(
          Code.UNAVAILABLE, "cannot pull image " + name.tagged() + ": " + e.getMessage());
    }
  }

  ImageStatusResponse status(ImageStatusRequest request) {
    ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
    Optional<StoredImage> image = images.find(request.getImage().getImage());
    image.map(this::listed).ifPresent(response::setImage); // absent: empty, never NOT_FOUND
    if (request.getVerbose()) {
      image.ifPresent(found -> response.putInfo("manifest", found.manifest().toString()));
    }
    return response.build();
  }

  // end

  private static ImageName nameOf(ImageSpec image) throws RpcException {
    try {
      return ImageName.parse(image.getImage());
    } catch (IllegalArgumentException e) {
      throw new RpcException(Code.INVALID_ARGUMENT, e.getMessage());
    }
  }

  ListImagesResponse list(ListImagesRequest request) {
    String wanted = request.getFilter().getImage().getImage();
    List<StoredImage> found =
        wanted.isEmpty() ? images.list() : images.find(wanted).stream().toList();
    return ListImagesResponse.newBuilder()
        .addAllImages(found.stream().map(this::listed).toList())
        .build();
  }

  private Image listed(StoredImage image) {
    List<String> names = images.names(image);
    return Image.newBuilder()
        .setId(image.id())
        .addAllRepoTags(names)
        .addAllRepoDigests(
            names.stream()
                .map(name -> ImageName.parse(name).repository() + "@" + image.id())
                .distinct()
                .toList())
        .setSize(image.bytes())
        .build();
  }

  RemoveImageResponse remove(RemoveImageRequest request) throws RpcException, IOException {
    Optional<StoredImage> image = images.find(request.getImage().getImage());
    if (image.isPresent()) {
      refuseIfUsed(image.get());
      images.remove(image.get());
    }
    return RemoveImageResponse.getDefaultInstance();
  }

  private void refuseIfUsed(StoredImage image) throws RpcException {
    for (VmContainer container : pods.allContainers()) {
      if (container.status().getImageId().equals(image.id())
          && !container.isIn(ContainerState.CONTAINER_EXITED)) {
        throw new RpcException(
            Code.FAILED_PRECONDITION,
            "image " + image.id() + " is used by container " + container.id());
      }
    }
  }

  ImageFsInfoResponse fsInfo(ImageFsInfoRequest request) throws IOException {
    List<Long> sizes = images.sizes();
    return ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(
            FilesystemUsage.newBuilder()
                .setTimestamp(Clocks.nanos())
                .setFsId(
                    FilesystemIdentifier.newBuilder().setMountpoint(images.folder().toString()))
                .setUsedBytes(uint64(sizes.stream().mapToLong(Long::longValue).sum()))
                .setInodesUsed(uint64(sizes.size())))
        .build();
  }

  private static UInt64Value uint64(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }
}
