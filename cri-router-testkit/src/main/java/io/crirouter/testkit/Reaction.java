package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.crirouter.core.RpcStatus;
import java.time.Duration;

/**
 * What a {@link TestRuntime} does with one call. A {@link TestRuntime.Dispatcher} chooses it.
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

  /** How the call is answered, regardless of the delay. */
  sealed interface Outcome {}

  record CarryOut() implements Outcome {}

  record Refuse(RpcStatus status) implements Outcome {}

  record Answer(ByteString bytes) implements Outcome {}

  record LoseAnswer() implements Outcome {}

  /** The runtime carries out the call and answers it normally. */
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
      throw new IllegalArgumentException("a failure cannot have the status OK");
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

  /** The call is not carried out and is answered with {@code response}, of the rpc's type. */
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
   * The same reaction with a response delayed by {@code time} on the runtime's clock. The call
   * itself is carried out without delay.
   */
  public Reaction after(Duration time) {
    return new Reaction(outcome, requireNonNull(time, "time"));
  }

  Outcome outcome() {
    return outcome;
  }

  /** Whether the call is forwarded to the runtime. */
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
