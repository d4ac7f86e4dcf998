package io.crirouter.core.internal.backend;

import com.google.common.collect.Iterators;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.backend.Condition.Cause;
import io.crirouter.core.internal.call.ResponseSize;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.inventory.ResponseObserver;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The queries of the router itself to one backend, with the runtime's own ids and names. Those for
 * which no client waits are made here: all lists after the backend has connected, and rpcs that
 * merged calls do not wait for, to learn when they are answered again. Thread-safe.
 */
public final class RouterQueries {
  /** A query that fails is repeated after so many times the time that it took. */
  private static final int PAUSE_FACTOR = 50;

  private static final Duration MAX_PAUSE = Duration.ofSeconds(30);

  /** A stream that goes on for longer most likely never ends; a list at once may take longer. */
  private static final Duration MAX_STREAM = Duration.ofMinutes(1);

  private final Backend backend;
  private final Timeouts timeouts;
  private final Scheduler scheduler;

  private final Set<CriMethod> underWay = ConcurrentHashMap.newKeySet();

  /** From when on each rpc whose query failed may be queried again, in nanoseconds. */
  private final Map<CriMethod, Long> notBefore = new ConcurrentHashMap<>();

  RouterQueries(Backend backend, BackendContext context) {
    this.backend = backend;
    this.timeouts = context.timeouts();
    this.scheduler = context.scheduler();
  }

  /**
   * Sends a query, and hands over the whole response. It is DEADLINE_EXCEEDED after {@link
   * Timeouts#ownQueries}.
   */
  public void ask(CriMethod method, ByteString message, Consumer<BackendResponse> whenAnswered) {
    ask(method, message, ResponseSize.alone(), timeouts.ownQueries(), whenAnswered);
  }

  /** The same with other limits. A response longer than {@code size} is RESOURCE_EXHAUSTED. */
  private void ask(
      CriMethod method,
      ByteString message,
      ResponseSize size,
      Duration limit,
      Consumer<BackendResponse> whenAnswered) {
    if (backend.watch().isClosed()) {
      RpcStatus unavailable = backend.unavailable("the router no longer uses it");
      whenAnswered.accept(BackendResponse.failure(backend, unavailable));
      return;
    }
    ResponseObserver observer = backend.inventory().observe(Schema.of(method), message);
    new RouterQuery(backend, method, observer, size, whenAnswered).ask(message, limit, scheduler);
  }

  /**
   * Lists everything that the backend has, one kind after the other. A secondary that cannot list
   * its pod sandboxes and containers is not used: there would be no last known state when it is
   * lost.
   *
   * @param next receives why the backend cannot be used, for decisions and for messages
   */
  void listAll(BiConsumer<Cause, String> next) {
    list(Iterators.forArray(Kind.values()), next);
  }

  private void list(Iterator<Kind> kinds, BiConsumer<Cause, String> next) {
    if (!kinds.hasNext()) {
      next.accept(Cause.NONE, "");
      return;
    }
    Kind kind = kinds.next();
    ask(
        kind.listRpc(),
        ByteString.EMPTY,
        backend.mergedResponse(),
        timeouts.ownQueries(),
        answer -> {
          if (isNeeded(kind) && !answer.isAnswer()) {
            next.accept(
                answer.isTimeout() ? Cause.HUNG : Cause.NOT_USABLE,
                kind.listRpc().name() + " answers " + answer.status());
          } else {
            list(kinds, next);
          }
        });
  }

  private boolean isNeeded(Kind kind) {
    return !backend.isPrimary() && kind != Kind.IMAGE;
  }

  /**
   * Repeats a client's request in the background. Only one call of each rpc is under way at a time,
   * so that calls do not pile up at a backend that hangs, and one that fails is repeated the later
   * the longer it took, so that a backend that fails takes little time of the node. A list that the
   * inventory keeps is queried without a filter.
   *
   * @param request the client's request
   */
  public void refresh(CriRequest request) {
    CriMethod method = request.method();
    ByteString question = isKept(method) ? ByteString.EMPTY : question(request);
    long now = scheduler.nanoTime();
    if (question != null
        && now - notBefore.getOrDefault(method, now) >= 0
        && underWay.add(method)) {
      ask(
          method,
          question,
          backend.mergedResponse(),
          limit(method),
          answer -> refreshed(method, now, answer));
    }
  }

  /**
   * Whether a list that fails again and again is under way. The runtime may have no time for other
   * lists then.
   */
  public boolean isListUnderWay() {
    return !underWay.isEmpty()
        && underWay.stream().anyMatch(rpc -> isKept(rpc) && !backend.failingRpcs().mayWait(rpc));
  }

  private static boolean isKept(CriMethod method) {
    return Kind.listedBy(Schema.of(method).effect()) != null;
  }

  private Duration limit(CriMethod method) {
    Duration limit = timeouts.lateAnswers();
    return method.serverStreaming() && limit.compareTo(MAX_STREAM) > 0 ? MAX_STREAM : limit;
  }

  private void refreshed(CriMethod method, long asked, BackendResponse answer) {
    long now = scheduler.nanoTime();
    if (answer.isAnswer()) {
      notBefore.remove(method);
      backend.failingRpcs().answered(method);
    } else {
      long pause = Math.min(PAUSE_FACTOR * (now - asked), MAX_PAUSE.toNanos());
      notBefore.put(method, now + pause);
      if (backend.health().isReady()) {
        backend.failingRpcs().failed(method, answer.status());
      }
    }
    underWay.remove(method);
  }

  /** The request translated for the runtime; null if that is not possible. */
  private @Nullable ByteString question(CriRequest request) {
    try {
      return backend.translator().request(request.method(), request.message());
    } catch (RpcException | MalformedMessageException e) {
      return null;
    }
  }
}
