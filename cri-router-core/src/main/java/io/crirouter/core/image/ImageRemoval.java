package io.crirouter.core.image;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Answer;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.SteppedCall;
import io.crirouter.core.identity.ImageNames;
import io.crirouter.core.merge.FanOut;
import io.crirouter.core.merge.Merge;
import io.crirouter.core.merge.MergeImageStatus;
import io.crirouter.core.merge.MergeRemovals;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireWriter;
import io.crirouter.proto.v1.ImageStatusRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * RemoveImage, in two steps: who has the image, then remove it from all of them. A kubelet removes
 * images by id, once for each id, and an id is the same at every runtime.
 */
public final class ImageRemoval {
  private final ImageNames names;
  private final Scheduler scheduler;

  /** Removes images that {@code names} can resolve. */
  public ImageRemoval(ImageNames names, Scheduler scheduler) {
    this.names = names;
    this.scheduler = scheduler;
  }

  /** Starts a RemoveImage call. */
  public RuntimeCall remove(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    ImageRequest image = ImageRequest.parse(request.message());
    List<Backend> candidates = names.seenCandidates(image.name());
    if (candidates.size() == 1) {
      return candidates.get(0).call(request, listener);
    }
    return new TwoSteps(request, image, listener).start(candidates);
  }

  private final class TwoSteps {
    private final CriRequest request;
    private final ImageRequest image;
    private final ResponseListener listener;
    private final SteppedCall call = new SteppedCall();

    TwoSteps(CriRequest request, ImageRequest image, ResponseListener listener) {
      this.request = request;
      this.image = image;
      this.listener = listener;
    }

    RuntimeCall start(List<Backend> candidates) {
      CriRequest question =
          request.with(
              CriMethod.of("ImageStatus"),
              new WireWriter()
                  .message(ImageStatusRequest.IMAGE_FIELD_NUMBER, image.spec().toByteString())
                  .toByteString());
      FindHolders holders = new FindHolders(image.name());
      RuntimeCall search =
          FanOut.start(
              question,
              candidates,
              holders,
              Optional.empty(),
              scheduler,
              new ResponseListener() {
                @Override
                public void onMessage(ByteString message) {}

                @Override
                public void onClose(RpcStatus status) {
                  found(status, holders.found);
                }
              });
      search.request(1);
      call.enter(0, search);
      return call;
    }

    private void found(RpcStatus status, List<Backend> holders) {
      if (!status.isOk()) {
        listener.onClose(status);
        return;
      }
      String gone = call.cancelled();
      if (gone != null) {
        listener.onClose(RpcStatus.of(Code.CANCELLED, gone));
      } else if (holders.isEmpty()) {
        listener.onMessage(ByteString.EMPTY);
        listener.onClose(RpcStatus.OK);
      } else {
        removeFrom(holders);
      }
    }

    private void removeFrom(List<Backend> holders) {
      call.enter(
          1,
          FanOut.start(
              request, holders, new MergeRemovals(), Optional.empty(), scheduler, listener));
    }
  }

  /** Notes who has the image. That a backend cannot say fails the removal: it may have it. */
  private static final class FindHolders implements Merge {
    private final String named;
    private List<Backend> found = List.of();

    FindHolders(String named) {
      this.named = named;
    }

    @Override
    public ByteString merge(List<Answer> answers) throws RpcException, MalformedMessageException {
      List<Backend> holders = new ArrayList<>();
      for (Answer answer : answers) {
        if (!answer.isOk() && mayHaveIt(answer)) {
          throw answer.status().asException();
        }
        if (MergeImageStatus.imageIn(answer, named) != null) {
          holders.add(answer.backend());
        }
      }
      found = List.copyOf(holders);
      return ByteString.EMPTY;
    }

    /** A runtime that does not answer has what it had, and anything if nothing is known. */
    private boolean mayHaveIt(Answer answer) throws MalformedMessageException {
      Backend backend = answer.backend();
      return backend.isPrimary()
          || !backend.lastKnown().knowsImages()
          || backend.lastKnown().hasImage(named);
    }
  }
}
