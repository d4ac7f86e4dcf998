package io.crirouter.core.internal.rpc;

import com.google.common.collect.Ordering;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.merging.FanOuts;
import io.crirouter.core.internal.merging.MergeImageStatus;
import io.crirouter.core.internal.merging.Plan;
import io.crirouter.core.internal.naming.ImageNames;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.routing.Decision;
import io.crirouter.core.internal.routing.ImageHints;
import io.crirouter.core.internal.routing.ImageRequest;
import io.crirouter.core.internal.routing.Routing;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.proto.routing.Budget;
import java.util.List;

/**
 * ImageStatus and PullImage. A call for a pod goes to exactly one backend. An ImageStatus without a
 * pod goes to the backends that had a call for a pod about the same image recently, or else to all
 * that can have the image.
 */
final class ImageLookup {
  private final Routing routing;
  private final ImageNames names;
  private final FanOuts fanOuts;
  private final ImageHints hints;

  ImageLookup(Routing routing, ImageNames names, FanOuts fanOuts, Scheduler scheduler) {
    this.routing = routing;
    this.names = names;
    this.fanOuts = fanOuts;
    this.hints = new ImageHints(scheduler);
  }

  /** Drops the hints for a backend that was removed. */
  void forget(Backend backend) {
    hints.forget(backend);
  }

  /** Starts an ImageStatus call. */
  RuntimeCall status(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException {
    ImageRequest image = ImageRequest.parse(request.message());
    String name = image.name();
    if (image.isForPod()) {
      return hinted(routing.decide(image), name, request, listener, trace);
    }
    if (names.certainOwner(name) == null) {
      List<Backend> hinted = List.copyOf(hints.backends(name));
      if (!hinted.isEmpty()) {
        trace.routed(Rule.IMAGE_HINT, hinted, Backend::name, name);
        return search(hinted, new MergeImageStatus(name, true), request, listener, trace);
      }
    }
    List<Backend> candidates = names.seenCandidates(name);
    Rule rule = candidates.size() == 1 ? Rule.IMAGE_NAME : Rule.ALL;
    trace.routed(rule, candidates, Backend::name, name);
    return search(candidates, new MergeImageStatus(name, false), request, listener, trace);
  }

  private RuntimeCall search(
      List<Backend> asked,
      MergeImageStatus merge,
      CriRequest request,
      ResponseListener listener,
      CallTrace trace)
      throws RpcException, MalformedMessageException {
    if (asked.size() == 1) {
      return asked.get(0).call(request, listener, trace);
    }
    return fanOuts.start(
        request,
        Ordering.natural().reverse().onResultOf(Backend::isPrimary).sortedCopy(asked),
        new Plan(merge, Budget.BULK),
        listener,
        trace);
  }

  /** Starts a PullImage call. The router sets no time limit: pulls take minutes. */
  RuntimeCall pull(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException {
    ImageRequest image = ImageRequest.parsePull(request.message());
    if (image.isForPod()) {
      return hinted(routing.decide(image), image.name(), request, listener, trace);
    }
    Decision decision = routing.decideWithoutPod(image.view(), names.owner(image.name()));
    decision.note(trace, image.name());
    return decision.backend().call(request, listener, trace);
  }

  private RuntimeCall hinted(
      Decision decision,
      String name,
      CriRequest request,
      ResponseListener listener,
      CallTrace trace)
      throws RpcException, MalformedMessageException {
    decision.note(trace, name);
    Backend backend = decision.backend();
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
          },
          trace);
    } catch (RpcException | MalformedMessageException e) {
      end.run();
      throw e;
    }
  }
}
