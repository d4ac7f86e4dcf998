package io.crirouter.core.image;

import io.crirouter.core.CriRequest;
import io.crirouter.core.PodView;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.ForwardingListener;
import io.crirouter.core.identity.ImageNames;
import io.crirouter.core.merge.FanOut;
import io.crirouter.core.merge.MergeImageStatus;
import io.crirouter.core.route.PodReader;
import io.crirouter.core.route.Whose;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.proto.v1.PullImageRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** ImageStatus and PullImage: whose image is meant? */
public final class ImageRoutes {
  private final Whose whose;
  private final ImageNames names;
  private final Duration searchBudget;
  private final Scheduler scheduler;
  private final ImageHints hints;

  /**
   * @param searchBudget how long secondaries may keep a search waiting
   */
  public ImageRoutes(Whose whose, ImageNames names, Duration searchBudget, Scheduler scheduler) {
    this.whose = whose;
    this.names = names;
    this.searchBudget = searchBudget;
    this.scheduler = scheduler;
    this.hints = new ImageHints(scheduler);
  }

  /** A backend was removed: nothing is asked of it any more. */
  public void forget(Backend backend) {
    hints.forget(backend);
  }

  /** ImageStatus. A pod's call asks exactly one backend; another is a search. */
  public RuntimeCall status(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    ImageRequest image = ImageRequest.parse(request.message());
    if (image.isForPod()) {
      return hinted(whose.image(image.view()), image.name(), request, listener);
    }
    List<Backend> hinted = List.copyOf(hints.backends(image.name()));
    boolean isHinted = !hinted.isEmpty() && names.prefixOwner(image.name()) == null;
    return search(
        isHinted ? hinted : names.seenCandidates(image.name()),
        image.name(),
        isHinted,
        request,
        listener);
  }

  private RuntimeCall search(
      List<Backend> asked,
      String name,
      boolean mustAgree,
      CriRequest request,
      ResponseListener listener)
      throws RpcException, MalformedMessageException {
    if (asked.size() == 1) {
      return asked.get(0).call(request, listener);
    }
    return FanOut.start(
        request,
        primaryFirst(asked),
        new MergeImageStatus(name, mustAgree),
        Optional.of(searchBudget),
        scheduler,
        listener);
  }

  private static List<Backend> primaryFirst(List<Backend> backends) {
    return backends.stream()
        .sorted((a, b) -> Boolean.compare(b.isPrimary(), a.isPrimary()))
        .toList();
  }

  /** PullImage. Has no time limit of ours: pulls take minutes. */
  public RuntimeCall pull(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    ImageRequest image = ImageRequest.parse(request.message());
    Backend backend = puller(image);
    return image.isForPod() || hasSandboxConfig(image)
        ? hinted(backend, image.name(), request, listener)
        : backend.call(request, listener);
  }

  private static boolean hasSandboxConfig(ImageRequest image) {
    return image.message().has(PullImageRequest.SANDBOX_CONFIG_FIELD_NUMBER);
  }

  private Backend puller(ImageRequest image) throws RpcException, MalformedMessageException {
    if (hasSandboxConfig(image)) {
      PodView pod =
          PodReader.read(
              image.message().message(PullImageRequest.SANDBOX_CONFIG_FIELD_NUMBER),
              image.view().runtimeHandler());
      Optional<Backend> decided = whose.podOf(pod);
      if (decided.isPresent()) {
        return decided.get();
      }
    }
    return whose.image(image.view());
  }

  private RuntimeCall hinted(
      Backend backend, String name, CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    Runnable end = hints.begin(name, backend);
    try {
      return backend.call(
          request,
          new ForwardingListener(listener) {
            @Override
            public void onClose(RpcStatus status) {
              end.run();
              super.onClose(status);
            }
          });
    } catch (RpcException | MalformedMessageException e) {
      end.run();
      throw e;
    }
  }
}
