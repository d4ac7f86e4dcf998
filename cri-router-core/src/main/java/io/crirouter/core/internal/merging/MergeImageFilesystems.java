package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.FilesystemIdentifier;
import io.crirouter.proto.v1.FilesystemUsage;
import io.crirouter.proto.v1.ImageFsInfoResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Image filesystems of all backends, one entry per mount point. The primary's come first, because a
 * kubelet reads only the first. Container filesystems are the primary's alone, because a kubelet
 * compares the two first entries to find out whether the node has split filesystems.
 */
final class MergeImageFilesystems implements Merge {
  private static final int IMAGES = ImageFsInfoResponse.IMAGE_FILESYSTEMS_FIELD_NUMBER;

  @Override
  public ByteString merge(List<BackendResponse> answers) throws MalformedMessageException {
    Set<String> mountPoints = new HashSet<>();
    WireWriter merged = new WireWriter();
    for (BackendResponse answer : answers) {
      if (!answer.isOk()) {
        continue;
      }
      WireMessage info = WireMessage.parse(answer.message());
      if (answer.backend().isPrimary()) {
        merged.raw(info.without(IMAGES));
      }
      for (WireMessage filesystem : info.messages(IMAGES)) {
        if (mountPoints.add(mountPoint(filesystem))) {
          merged.message(IMAGES, filesystem.toByteString());
        }
      }
    }
    return merged.toByteString();
  }

  private static String mountPoint(WireMessage filesystem) throws MalformedMessageException {
    return filesystem
        .message(FilesystemUsage.FS_ID_FIELD_NUMBER)
        .string(FilesystemIdentifier.MOUNTPOINT_FIELD_NUMBER);
  }
}
