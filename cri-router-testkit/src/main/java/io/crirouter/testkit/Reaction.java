package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.crirouter.core.RpcStatus;
import java.time.Duration;

/**
 * What a {@link TestRuntime} does with one call, as a {@link TestRuntime.Dispatcher} decides.
 * Immutable.
 */
public final class Reaction {
  private static final Reaction CARRY_OUT = new Reaction(new CarryOut(), Duration.ZERO);

  private final Outcome outcome;
  private final Duration delay;

  private Reaction(Outcome outcome, Duration delay) {
    this.outcome = outcome;
    this.delay = delay;
  }

  /** What becomes of the call, whenever that is. */
  sealed interface Outcome {}

  record CarryOut() implements Outcome {}

  record Refuse(RpcStatus status) implements Outcome {}

  record Answer(ByteString bytes) implements Outcome {}

  record LoseAnswer() implements Outcome {}

  /** The runtime carries the call out, as it does without a test's doing. */
  public static Reaction carryOut() {
    return CARRY_OUT;
  }

  /**
   * The call is not carried out and ends with {@code status}.
   *
   * @throws IllegalArgumentException if the status is OK
   */
  public static Reaction fail(RpcStatus status) {
    if (status.isOk()) {
      throw new IllegalArgumentException("OK is no failure");
    }
    RpcStatus answered =
        status.origin() == RpcStatus.Origin.ROUTER
            ? RpcStatus.fromRuntime(status.code(), status.message(), status.trailers())
            : status;
    return new Reaction(new Refuse(answered), Duration.ZERO);
  }

  /** A shorter {@link #fail(RpcStatus)}: the runtime answers this code and message. */
  public static Reaction fail(RpcStatus.Code code, String message) {
    return fail(RpcStatus.of(code, message));
  }

  /** The call is not carried out and is answered with {@code response}, which suits the rpc. */
  public static Reaction respond(MessageLite response) {
    return respondWithBytes(response.toByteString());
  }

  /** The call is not carried out and is answered with one message of these bytes. */
  public static Reaction respondWithBytes(ByteString response) {
    return new Reaction(new Answer(requireNonNull(response, "response")), Duration.ZERO);
  }

  /** The call is carried out, but its answer is lost: UNREACHABLE. */
  public static Reaction loseAnswer() {
    return new Reaction(new LoseAnswer(), Duration.ZERO);
  }

  /**
   * The same, with the answer held back for {@code time} by the runtime's clock. A call that is
   * carried out is so at once.
   */
  public Reaction after(Duration time) {
    return new Reaction(outcome, requireNonNull(time, "time"));
  }

  Outcome outcome() {
    return outcome;
  }

  /** Whether the runtime hears of the call. */
  boolean isCarriedOut() {
    return outcome instanceof CarryOut || outcome instanceof LoseAnswer;
  }

  Duration delay() {
    return delay;
  }

  @Override
  public String toString() {
    return "Reaction(" + outcome + (delay.isZero() ? "" : " after " + delay) + ")";
  }
}
