package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.naming.ImageNames;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.Int64Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds an image for a call that does not belong to a pod. The response is that of the first
 * backend that has the image, the primary first. "Not present" is only correct if every backend
 * that may have it has answered.
 *
 * @param named the image ref as the client gave it
 * @param mustAgree whether all must answer and agree on the image's user, because the response
 *     decides as which user a container may run; for one that is lost the image that it had counts
 */
public record MergeImageStatus(String named, boolean mustAgree) implements Merge {
  @Override
  public boolean toleratesFailures() {
    return false;
  }

  @Override
  public boolean isSettledBy(BackendResponse answer) throws MalformedMessageException {
    return !mustAgree && answer.backend().isPrimary() && image(answer) != null;
  }

  @Override
  public ByteString merge(List<BackendResponse> answers)
      throws RpcException, MalformedMessageException {
    BackendResponse found = null;
    RpcStatus failure = null;
    ByteString absent = ByteString.EMPTY;
    for (BackendResponse answer : answers) {
      if (!answer.isOk()) {
        boolean counts =
            mustAgree
                ? !agreedWhenLastSeen(answer, answers)
                : cannotSay(answer) || mayHave(answer, named);
        failure = failure == null && counts ? answer.status() : failure;
      } else if (image(answer) == null) {
        absent = answer.message();
      } else if (found == null) {
        found = answer;
      } else if (mustAgree && !user(found).equals(user(answer))) {
        throw disagreement(found, answer);
      }
    }
    if (failure != null && mustAgree) {
      throw undecided(failure);
    }
    if (failure != null && found == null) {
      throw failure.asException();
    }
    return found == null ? absent : found.message();
  }

  /**
   * Whether a lost secondary had the image with the user of one that answers. Without this its loss
   * would keep the primary's pods from starting, even the one that is to bring it back.
   */
  private boolean agreedWhenLastSeen(BackendResponse silent, List<BackendResponse> answers)
      throws MalformedMessageException {
    Backend backend = silent.backend();
    WireMessage lastKnown =
        backend.isPrimary() || !backend.isLost() ? null : backend.inventory().image(named);
    if (lastKnown == null) {
      return false;
    }
    for (BackendResponse answer : answers) {
      WireMessage image = image(answer);
      if (image != null) {
        return user(image).equals(user(lastKnown));
      }
    }
    return false;
  }

  /** A lost runtime may have pulled the image after its last list. */
  private static boolean cannotSay(BackendResponse answer) {
    return answer.backend().isPrimary() || answer.backend().isLost();
  }

  /**
   * Whether a backend that did not answer may have the image. The primary may in any case, a
   * secondary if its last known state has it. A lost secondary that has never listed images may
   * have any; a ready one that does not list images has none that could be used.
   */
  public static boolean mayHave(BackendResponse answer, String named)
      throws MalformedMessageException {
    Backend backend = answer.backend();
    if (answer.isOk()) {
      return false;
    }
    if (backend.isPrimary()) {
      return true;
    }
    boolean isUnknown = backend.isLost() && !backend.inventory().isKnown(Kind.IMAGE);
    return !answer.status().isUnimplemented()
        && (isUnknown || backend.inventory().image(named) != null);
  }

  private RpcException undecided(RpcStatus failure) {
    return failure.isUnreachable()
        ? failure.asException()
        : new RpcException(
            Code.FAILED_PRECONDITION,
            String.format(
                "several runtimes were asked about image '%s' lately, one of them does not answer"
                    + " (%s), and the call does not say for which pod it asks",
                named, failure));
  }

  private RpcException disagreement(BackendResponse one, BackendResponse other)
      throws MalformedMessageException {
    return new RpcException(
        Code.FAILED_PRECONDITION,
        String.format(
            "runtimes %s and %s have different images called '%s' (user '%s' and '%s'), and the"
                + " call does not say for which pod it asks: use the name with the runtime's"
                + " prefix",
            one.backend().name(), other.backend().name(), named, user(one), user(other)));
  }

  private static String user(BackendResponse answer) throws MalformedMessageException {
    return user(
        WireMessage.parse(answer.message()).message(ImageStatusResponse.IMAGE_FIELD_NUMBER));
  }

  private static String user(WireMessage image) throws MalformedMessageException {
    String name = image.string(Image.USERNAME_FIELD_NUMBER);
    WireMessage uid = image.message(Image.UID_FIELD_NUMBER);
    return image.has(Image.UID_FIELD_NUMBER)
        ? Long.toString(uid.number(Int64Value.VALUE_FIELD_NUMBER))
        : name;
  }

  /** The image if the backend has it, else null. */
  private @Nullable WireMessage image(BackendResponse answer) throws MalformedMessageException {
    return imageIn(answer, named);
  }

  /**
   * The image in {@code answer}, or null if there is none. If {@code named} looks like the start of
   * an id, a secondary's image counts only if its id starts so: it could be a name of hexadecimal
   * digits.
   */
  public static @Nullable WireMessage imageIn(BackendResponse answer, String named)
      throws MalformedMessageException {
    if (!answer.isOk()) {
      return null;
    }
    WireMessage response = WireMessage.parse(answer.message());
    if (!response.has(ImageStatusResponse.IMAGE_FIELD_NUMBER)) {
      return null;
    }
    WireMessage image = response.message(ImageStatusResponse.IMAGE_FIELD_NUMBER);
    boolean other =
        !answer.backend().isPrimary()
            && ImageNames.looksLikeId(named)
            && !ImageNames.isIdOf(named, image.string(Image.ID_FIELD_NUMBER));
    return other ? null : image;
  }
}
