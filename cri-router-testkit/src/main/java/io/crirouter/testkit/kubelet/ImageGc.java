package io.crirouter.testkit.kubelet;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFsInfoRequest;
import io.crirouter.proto.v1.ImageFsInfoResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RemoveImageResponse;
import io.crirouter.testkit.kubelet.Finding.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Image GC of a node whose disk is always full: removes each image that was not used by a container
 * for two minutes.
 */
final class ImageGc {
  private static final Duration PERIOD = Duration.ofMinutes(5);
  private static final Duration MINIMUM_AGE = Duration.ofMinutes(2);

  private final CriCalls calls;
  private final RuntimeClient client;
  private final Ledger ledger;
  private final Map<String, Long> unusedSince = new HashMap<>();

  ImageGc(CriCalls calls, RuntimeClient client, Ledger ledger) {
    this.calls = calls;
    this.client = client;
    this.ledger = ledger;
  }

  /** Observes images every five minutes after two minutes, and removes some every five minutes. */
  void start() {
    calls.later(MINIMUM_AGE, () -> collect(false));
    calls.later(PERIOD, () -> collect(true));
  }

  private void collect(boolean remove) {
    Set<String> used = new HashSet<>();
    var unused =
        calls
            .call(
                "ImageFsInfo",
                ImageFsInfoRequest.getDefaultInstance(),
                ImageFsInfoResponse.parser())
            .thenCompose(info -> client.containers())
            .thenCompose(
                containers -> {
                  containers.forEach(container -> used.add(imageOf(container)));
                  return calls.call(
                      "ListImages",
                      ListImagesRequest.getDefaultInstance(),
                      ListImagesResponse.parser());
                })
            .thenCompose(images -> collect(images.getImagesList(), used, remove))
            .whenComplete(
                (done, failure) -> {
                  calls.ignoreCallFailure(failure);
                  calls.later(PERIOD, () -> collect(remove));
                });
  }

  private static String imageOf(Container container) {
    return container.getImageId().isEmpty() ? container.getImageRef() : container.getImageId();
  }

  private CompletableFuture<Void> collect(List<Image> images, Set<String> used, boolean remove) {
    long now = ledger.now();
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (Image image : images) {
      String id = image.getId();
      if (used.contains(id) || image.getPinned()) {
        unusedSince.remove(id);
        continue;
      }
      long since = unusedSince.merge(id, now, Math::min);
      if (remove && now - since >= MINIMUM_AGE.toNanos()) {
        all = all.thenCompose(done -> remove(id));
      }
    }
    return all;
  }

  /** Removes an image. If that fails, the next run retries. */
  private CompletableFuture<Void> remove(String id) {
    ledger
        .usersOf(id)
        .forEach(
            user ->
                ledger.find(Kind.IMAGE_IN_USE_REMOVED, "image " + id + " is used by " + user.what));
    return calls
        .call(
            "RemoveImage",
            RemoveImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(id)).build(),
            RemoveImageResponse.parser())
        .handle(
            (done, failure) -> {
              calls.ignoreCallFailure(failure);
              return null;
            });
  }
}
