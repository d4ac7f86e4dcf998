package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The calls of a client, each with a deadline of two minutes. */
final class ChaosCalls {
  static final Duration DEADLINE = Duration.ofMinutes(2);

  private static final int MAX_OPEN = 2000;

  private final ChaosNode node;
  private final List<Call> open = new ArrayList<>();

  /** An open call and the action for its end. */
  private record Call(RawCall raw, String name, long startedAt, Consumer<RawCall> whenDone) {}

  ChaosCalls(ChaosNode node) {
    this.node = node;
  }

  void start(String rpc, Message request, Consumer<RawCall> whenDone) {
    CriRequest call =
        CriRequest.of(CriMethod.of(rpc), request.toByteString())
            .withTimeoutNanos(DEADLINE.toNanos());
    long now = node.time().nanoTime();
    open.add(new Call(RawCall.start(node.router(), call), rpc, now, whenDone));
  }

  /** Handles the calls that have ended, and cancels those whose deadline has passed. */
  void settle() {
    for (Call call : List.copyOf(open)) {
      if (call.raw.isClosed()) {
        open.remove(call);
        call.whenDone.accept(call.raw);
      } else if (node.time().nanoTime() - call.startedAt > DEADLINE.toNanos()) {
        call.raw.cancel("deadline");
        assertThat(call.raw.isClosed()).as("%s ends at its deadline", call.name).isTrue();
      }
    }
    assertThat(open).as("calls under way").hasSizeLessThan(MAX_OPEN);
  }

  /** Cancels all calls, as at the end of the server. */
  void cancelAll() {
    open.forEach(call -> call.raw.cancel("the router stops"));
    settle();
  }

  /** The number of open calls. */
  int open() {
    return open.size();
  }

  /** The response; empty if the call failed or if the response is malformed. */
  static <T> Optional<T> parse(Parser<T> parser, RawCall done) {
    if (!done.status().isOk()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parser.parseFrom(done.answer()));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return "ChaosCalls" + open.stream().map(Call::name).toList();
  }
}
