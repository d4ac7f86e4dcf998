package io.crirouter.core.internal.rpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.call.SteppedCall;
import io.crirouter.core.internal.merging.FanOuts;
import io.crirouter.core.internal.merging.Merge;
import io.crirouter.core.internal.merging.MergeImageStatus;
import io.crirouter.core.internal.merging.MergeRemovals;
import io.crirouter.core.internal.merging.Plan;
import io.crirouter.core.internal.naming.ImageNames;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.routing.ImageRequest;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.v1.ImageStatusRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * RemoveImage, in two steps: find the backends that have the image, then remove it from all of
 * them. A kubelet removes images by id, once for each id, and an image has the same id at every
 * runtime.
 */
final class ImageRemoval {

  private final ImageNames names;
  private final FanOuts fanOuts;

  /** Removes images from the backends that {@code names} finds. */
  ImageRemoval(ImageNames names, FanOuts fanOuts) {
    this.names = names;
    this.fanOuts = fanOuts;
  }

  /** Starts a RemoveImage call. */
  RuntimeCall remove(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException {
    ImageRequest image = ImageRequest.parse(request.message());
    List<Backend> candidates = names.seenCandidates(image.name());
    if (candidates.size() == 1) {
      Backend only = candidates.get(0);
      trace.routed(Rule.IMAGE_NAME, only.name(), image.name());
      return only.call(request, listener, trace);
    }
    trace.routed(Rule.ALL, candidates, Backend::name, image.name());
    return new TwoSteps(request, image, listener, trace).start(candidates);
  }

  private final class TwoSteps {
    private final CriRequest request;
    private final ImageRequest image;
    private final ResponseListener listener;
    private final CallTrace trace;
    private final SteppedCall call = new SteppedCall();

    TwoSteps(CriRequest request, ImageRequest image, ResponseListener listener, CallTrace trace) {
      this.request = request;
      this.image = image;
      this.listener = listener;
      this.trace = trace;
    }

    RuntimeCall start(List<Backend> candidates) {
      CriRequest question =
          request.with(
              Rpcs.IMAGE_STATUS,
              new WireWriter()
                  .message(ImageStatusRequest.IMAGE_FIELD_NUMBER, image.spec().toByteString())
                  .toByteString());
      FindImageOwners owners = new FindImageOwners(image.name());
      RuntimeCall search =
          fanOuts.start(
              question,
              candidates,
              new Plan(owners, Budget.BULK),
              new ResponseListener() {
                @Override
                public void onMessage(ByteString message) {}

                @Override
                public void onClose(RpcStatus status) {
                  found(status, owners.found);
                }
              },
              trace);
      search.request(1);
      call.enter(0, search);
      return call;
    }

    private void found(RpcStatus status, List<Backend> owners) {
      if (!status.isOk()) {
        listener.onClose(status);
        return;
      }
      String gone = call.cancelled();
      if (gone != null) {
        listener.onClose(RpcStatus.of(Code.CANCELLED, gone));
      } else if (owners.isEmpty()) {
        listener.onMessage(ByteString.EMPTY);
        listener.onClose(RpcStatus.OK);
      } else {
        Plan plan = new Plan(new MergeRemovals(), Budget.CALLER);
        call.enter(1, fanOuts.start(request, owners, plan, listener, trace));
      }
    }
  }

  /**
   * Collects the backends that have the image. The removal fails if a backend does not answer and
   * may have it.
   */
  private static final class FindImageOwners implements Merge {
    private final String named;
    private List<Backend> found = List.of();

    FindImageOwners(String named) {
      this.named = named;
    }

    @Override
    public boolean toleratesFailures() {
      return false;
    }

    @Override
    public ByteString merge(List<BackendResponse> answers)
        throws RpcException, MalformedMessageException {
      List<Backend> owners = new ArrayList<>();
      for (BackendResponse answer : answers) {
        if (MergeImageStatus.mayHave(answer, named)) {
          throw answer.status().asException();
        }
        if (MergeImageStatus.imageIn(answer, named) != null || isLister(answer)) {
          owners.add(answer.backend());
        }
      }
      found = List.copyOf(owners);
      return ByteString.EMPTY;
    }

    /** Whether a backend does not implement ImageStatus but has listed the image. */
    private boolean isLister(BackendResponse answer) throws MalformedMessageException {
      return !answer.isOk()
          && answer.status().isUnimplemented()
          && answer.backend().inventory().image(named) != null;
    }
  }
}
