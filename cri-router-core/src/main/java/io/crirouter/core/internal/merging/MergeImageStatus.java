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
 * Finds an image that somebody named without saying for which pod. The first backend that has it
 * answers, the primary before all others. That nobody has it can only be said if everybody was
 * asked.
 *
 * @param named the reference as the client gave it
 * @param mustAgree whether all must answer, and all that have it agree on the image's user, because
 *     the answer decides as whom a container may run
 */
public record MergeImageStatus(String named, boolean mustAgree) implements Merge {
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
        boolean counts = mustAgree || cannotSay(answer) || mayHave(answer, named);
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

  /** A runtime that is lost may have got an image after it was last heard of. */
  private static boolean cannotSay(BackendResponse answer) {
    return answer.backend().isPrimary() || answer.backend().isLost();
  }

  /**
   * Whether a backend that did not answer may have the image that was named: the primary in any
   * case, a secondary if it had it when it was last heard of. One that is lost and has never said
   * which images it has may have any; one that is there and does not say has none that could be
   * used.
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
    return !answer.status().isUnimplemented() && (isUnknown || backend.inventory().hasImage(named));
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
                + " call does not say for which pod it asks: use the name with the runtime's prefix",
            one.backend().name(), other.backend().name(), named, user(one), user(other)));
  }

  private static String user(BackendResponse answer) throws MalformedMessageException {
    WireMessage image =
        WireMessage.parse(answer.message()).message(ImageStatusResponse.IMAGE_FIELD_NUMBER);
    String name = image.string(Image.USERNAME_FIELD_NUMBER);
    WireMessage uid = image.message(Image.UID_FIELD_NUMBER);
    return image.has(Image.UID_FIELD_NUMBER)
        ? Long.toString(uid.number(Int64Value.VALUE_FIELD_NUMBER))
        : name;
  }

  /** The image if the backend has the one that was named, else null. */
  private @Nullable WireMessage image(BackendResponse answer) throws MalformedMessageException {
    return imageIn(answer, named);
  }

  /**
   * The image that {@code answer} reports, or null if it has none. A secondary's answer to
   * something that reads like the start of an id only counts if the image's id does start so: it
   * could be a name that happens to have hexadecimal digits only.
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
