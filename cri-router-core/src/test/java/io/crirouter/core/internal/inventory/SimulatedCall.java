package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.MessageSplitter;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ListContainersResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** One call on its way: asked, then carried out, then answered, well or not. */
final class SimulatedCall {
  final RandomCalls.Question question;
  private final ResponseObserver observer;
  private final Random random;
  private final boolean wasAskedInQuiet;
  private final int changesWhenAsked;
  private Optional<ByteString> response = Optional.empty();
  private boolean wasExecuted;

  SimulatedCall(
      RandomCalls.Question question,
      Inventory inventory,
      Random random,
      boolean isQuiet,
      int changesWhenAsked) {
    this.question = question;
    this.observer = inventory.observe(question.method(), question.request());
    this.random = random;
    this.wasAskedInQuiet = isQuiet;
    this.changesWhenAsked = changesWhenAsked;
  }

  String rpc() {
    return question.method().name();
  }

  /** Whether it may change what the runtime has. */
  boolean changes() {
    return !question.isList() && !rpc().endsWith("Status");
  }

  boolean wasAskedInQuiet() {
    return wasAskedInQuiet;
  }

  int changesWhenAsked() {
    return changesWhenAsked;
  }

  boolean wasExecuted() {
    return wasExecuted;
  }

  /** The runtime's answer; empty if it refused. */
  Optional<ByteString> response() {
    return response;
  }

  /** Whether it is a list of all there is of its kind. */
  boolean isComplete() {
    return question.isList() && question.request().isEmpty();
  }

  Kind kind() {
    return Kind.listedBy(question.method().effect());
  }

  void execute(SimulatedRuntime runtime) throws Exception {
    wasExecuted = true;
    response =
        question.isList()
            ? Optional.of(new RandomCalls(random, runtime).list(kind(), question.request()))
            : runtime.execute(rpc(), question.request()).map(MessageLite::toByteString);
  }

  /**
   * The answer arrives, or something like it.
   *
   * @return whether it arrived well
   */
  boolean answer() throws Exception {
    if (response.isEmpty()) {
      observer.onClose(RpcStatus.of(Code.NOT_FOUND, "refused"));
      return false;
    }
    if (!question.isList()) {
      observer.onMessage(response.get());
      observer.onClose(RpcStatus.OK);
      return true;
    }
    return switch (random.nextInt(12)) {
      case 0 -> breakOff(response.get());
      case 1 -> breakUp(response.get());
      case 2 -> deliver(response.get().concat(unusable(response.get())));
      default -> deliver(response.get());
    };
  }

  private boolean deliver(ByteString list) throws MalformedMessageException {
    for (ByteString message : messages(list)) {
      observer.onMessage(message);
    }
    observer.onClose(RpcStatus.OK);
    return true;
  }

  private List<ByteString> messages(ByteString list) throws MalformedMessageException {
    return question.method().serverStreaming()
        ? MessageSplitter.split(list, 1 + random.nextInt(100))
        : List.of(list);
  }

  /** The connection breaks before the end. */
  private boolean breakOff(ByteString list) throws MalformedMessageException {
    if (question.method().serverStreaming()) {
      List<ByteString> messages = messages(list);
      for (ByteString message : messages.subList(0, random.nextInt(messages.size() + 1))) {
        observer.onMessage(message);
      }
    }
    observer.onClose(RpcStatus.unreachable("broken"));
    return false;
  }

  /** Text that is not UTF-8, in the last of several messages. */
  private boolean breakUp(ByteString list) throws MalformedMessageException {
    ByteString bad = ByteString.copyFrom(new byte[] {0x0a, 3, 0x0a, 1, (byte) 0xff});
    List<ByteString> messages = new ArrayList<>(messages(list));
    messages.add(messages.isEmpty() ? bad : messages.remove(messages.size() - 1).concat(bad));
    try {
      for (ByteString message : messages) {
        observer.onMessage(message);
      }
      throw new AssertionError("a malformed list was passed on");
    } catch (MalformedMessageException expected) {
      return false;
    }
  }

  /** Entries without an id, and one that is in the list already. */
  private ByteString unusable(ByteString list) throws Exception {
    ByteString nameless =
        ListContainersResponse.newBuilder()
            .addContainers(Container.getDefaultInstance())
            .build()
            .toByteString();
    return nameless.concat(MessageSplitter.split(list, 1).stream().findFirst().orElse(nameless));
  }

  /** Ids in requests and answers are text, which is enough for people. */
  @Override
  public String toString() {
    return rpc()
        + " "
        + Integer.toHexString(hashCode())
        + " "
        + readable(question.request())
        + " -> "
        + (wasExecuted ? response.map(SimulatedCall::readable).orElse("refused") : "");
  }

  private static String readable(ByteString bytes) {
    return bytes.toStringUtf8().replaceAll("[^a-z0-9:]+", " ");
  }
}
