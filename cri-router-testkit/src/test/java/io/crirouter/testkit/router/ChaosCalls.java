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

/** The calls of a client that gives each of them two minutes. */
final class ChaosCalls {
  static final Duration DEADLINE = Duration.ofMinutes(2);

  private static final int MOST_OPEN = 2000;

  private final ChaosNode node;
  private final List<Call> open = new ArrayList<>();

  /** A call under way, and what to do with its end. */
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

  /** Looks at the calls that have ended; gives up those that a kubelet would give up. */
  void settle() {
    for (Call call : List.copyOf(open)) {
      if (call.raw.isOver()) {
        open.remove(call);
        call.whenDone.accept(call.raw);
      } else if (node.time().nanoTime() - call.startedAt > DEADLINE.toNanos()) {
        call.raw.cancel("deadline");
        assertThat(call.raw.isOver()).as("%s ends at its deadline", call.name).isTrue();
      }
    }
    assertThat(open).as("calls under way").hasSizeLessThan(MOST_OPEN);
  }

  /** Ends all, as when their server does. */
  void cancelAll() {
    open.forEach(call -> call.raw.cancel("the router stops"));
    settle();
  }

  /** How many have not ended. */
  int open() {
    return open.size();
  }

  /** The answer; empty if the call failed or if the answer is malformed, which is the same. */
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
