package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.events.PresentState.Listing;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Lists all pod sandboxes and containers of a runtime. */
final class ListQuery {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Backend backend;
  private final SerialTasks tasks;
  private final LongSupplier numbers;
  private final Consumer<Optional<PresentState>> whenKnown;

  /**
   * @param numbers the number of a list that is requested now
   * @param whenKnown receives the lists, in a task; empty if the runtime does not answer
   */
  ListQuery(
      Backend backend,
      SerialTasks tasks,
      LongSupplier numbers,
      Consumer<Optional<PresentState>> whenKnown) {
    this.backend = backend;
    this.tasks = tasks;
    this.numbers = numbers;
    this.whenKnown = whenKnown;
  }

  void start() {
    ask(
        Kind.POD_SANDBOX,
        sandboxes ->
            ask(
                Kind.CONTAINER,
                containers ->
                    whenKnown.accept(Optional.of(new PresentState(sandboxes, containers)))));
  }

  private void ask(Kind kind, Consumer<Listing> next) {
    long asked = numbers.getAsLong();
    backend
        .queries()
        .ask(
            kind.listRpc(),
            ByteString.EMPTY,
            answer -> tasks.execute(() -> take(kind, asked, answer, next)));
  }

  private void take(Kind kind, long asked, BackendResponse answer, Consumer<Listing> next) {
    String failure = answer.status().toString();
    if (answer.isOk()) {
      try {
        next.accept(PresentState.listing(kind, asked, answer.message()));
        return;
      } catch (MalformedMessageException e) {
        failure = "malformed answer: " + e.getMessage();
      }
    }
    LOG.log(
        System.Logger.Level.DEBUG,
        "cannot look for lost events of runtime {0} now: {1}: {2}",
        backend,
        kind.listRpc().name(),
        ClippedText.of(failure));
    whenKnown.accept(Optional.empty());
  }
}
