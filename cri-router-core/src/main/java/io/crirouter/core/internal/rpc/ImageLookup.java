package io.crirouter.core.internal.rpc;

import com.google.common.collect.Ordering;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.call.ForwardingListener;
import io.crirouter.core.internal.merging.FanOut;
import io.crirouter.core.internal.merging.MergeImageStatus;
import io.crirouter.core.internal.naming.ImageNames;
import io.crirouter.core.internal.routing.ImageHints;
import io.crirouter.core.internal.routing.ImageRequest;
import io.crirouter.core.internal.routing.ImageRouting;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.List;
import java.util.Optional;

/**
 * ImageStatus and PullImage. A call for a pod goes to exactly one backend. An ImageStatus without a
 * pod goes to the backends that had a call for a pod about the same image recently, or else to all
 * that can have the image.
 */
final class ImageLookup {
  private final ImageRouting routing;
  private final ImageNames names;
  private final Timeouts timeouts;
  private final Scheduler scheduler;
  private final ImageHints hints;

  ImageLookup(ImageRouting routing, ImageNames names, Timeouts timeouts, Scheduler scheduler) {
    this.routing = routing;
    this.names = names;
    this.timeouts = timeouts;
    this.scheduler = scheduler;
    this.hints = new ImageHints(scheduler);
  }

  /** Drops the hints for a backend that was removed. */
  void forget(Backend backend) {
    hints.forget(backend);
  }

  /** Starts an ImageStatus call. */
  RuntimeCall status(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    ImageRequest image = ImageRequest.parse(request.message());
    String name = image.name();
    if (image.isForPod()) {
      return hinted(routing.backendOf(image), name, request, listener);
    }
    if (names.certainOwner(name) == null) {
      List<Backend> hinted = List.copyOf(hints.backends(name));
      if (!hinted.isEmpty()) {
        return search(hinted, new MergeImageStatus(name, true), request, listener);
      }
    }
    return search(names.seenCandidates(name), new MergeImageStatus(name, false), request, listener);
  }

  private RuntimeCall search(
      List<Backend> asked, MergeImageStatus merge, CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    if (asked.size() == 1) {
      return asked.get(0).call(request, listener);
    }
    return FanOut.start(
        request,
        Ordering.natural().reverse().onResultOf(Backend::isPrimary).sortedCopy(asked),
        merge,
        Optional.of(timeouts.otherMerges()),
        timeouts,
        scheduler,
        listener);
  }

  /** Starts a PullImage call. The router sets no time limit: pulls take minutes. */
  RuntimeCall pull(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    ImageRequest image = ImageRequest.parsePull(request.message());
    return image.isForPod()
        ? hinted(routing.backendOf(image), image.name(), request, listener)
        : routing
            .backendWithoutPod(image.view(), names.owner(image.name()))
            .call(request, listener);
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
