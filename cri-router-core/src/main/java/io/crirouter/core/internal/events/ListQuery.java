package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.events.PresentState.Listing;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Lists all pod sandboxes and containers of a runtime. */
final class ListQuery {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Backend backend;
  private final Executor serial;
  private final LongSupplier numbers;
  private final Consumer<Optional<PresentState>> whenKnown;

  private ListQuery(
      Backend backend,
      Executor serial,
      LongSupplier numbers,
      Consumer<Optional<PresentState>> whenKnown) {
    this.backend = backend;
    this.serial = serial;
    this.numbers = numbers;
    this.whenKnown = whenKnown;
  }

  /**
   * Sends the queries.
   *
   * @param numbers the number of a list that is requested now
   * @param whenKnown receives the lists, in a task of {@code serial}; empty if the runtime does not
   *     answer
   */
  static void ask(
      Backend backend,
      Executor serial,
      LongSupplier numbers,
      Consumer<Optional<PresentState>> whenKnown) {
    ListQuery query = new ListQuery(backend, serial, numbers, whenKnown);
    query.ask(Rpcs.LIST_POD_SANDBOX, PresentState::sandboxes, query::askContainers);
  }

  private void askContainers(Listing sandboxes) {
    ask(
        Rpcs.LIST_CONTAINERS,
        PresentState::containers,
        containers -> whenKnown.accept(Optional.of(new PresentState(sandboxes, containers))));
  }

  private interface Parser {
    Listing parse(long asked, ByteString answer) throws MalformedMessageException;
  }

  private void ask(CriMethod method, Parser parser, Consumer<Listing> next) {
    long asked = numbers.getAsLong();
    backend
        .queries()
        .ask(
            method,
            ByteString.EMPTY,
            answer -> serial.execute(() -> take(method, answer, asked, parser, next)));
  }

  private void take(
      CriMethod method, BackendResponse answer, long asked, Parser parser, Consumer<Listing> next) {
    Listing listing = null;
    String failure = answer.status().toString();
    if (answer.isOk()) {
      try {
        listing = parser.parse(asked, answer.message());
      } catch (MalformedMessageException e) {
        failure = "malformed answer: " + e.getMessage();
      }
    }
    if (listing != null) {
      next.accept(listing);
    } else {
      LOG.log(
          System.Logger.Level.DEBUG,
          "cannot look for lost events of runtime {0} now: {1}: {2}",
          backend,
          method.name(),
          ClippedText.of(failure));
      whenKnown.accept(Optional.empty());
    }
  }

  /** The last known state of the runtime. */
  static PresentState lastKnown(Backend backend) {
    try {
      ByteString sandboxes = backend.inventory().answer(Kind.POD_SANDBOX, ByteString.EMPTY);
      ByteString containers = backend.inventory().answer(Kind.CONTAINER, ByteString.EMPTY);
      return new PresentState(
          PresentState.sandboxes(0, sandboxes == null ? ByteString.EMPTY : sandboxes),
          PresentState.containers(0, containers == null ? ByteString.EMPTY : containers));
    } catch (MalformedMessageException e) {
      return PresentState.NOTHING;
    }
  }
}
