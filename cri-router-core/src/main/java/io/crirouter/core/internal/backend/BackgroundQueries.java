package io.crirouter.core.internal.backend;

import com.google.common.collect.Iterators;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.backend.Condition.Cause;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The queries to one backend for which no client waits: all lists after it has connected, and rpcs
 * that missed their budget, to learn when they are answered again. Thread-safe.
 */
public final class BackgroundQueries {
  private final Backend backend;
  private final Duration answerLimit;
  private final Duration lateLimit;
  private final Set<CriMethod> underWay = ConcurrentHashMap.newKeySet();

  /**
   * @param answerLimit how long a response may take while the backend is connecting
   * @param lateLimit how long a response may take otherwise
   */
  BackgroundQueries(Backend backend, Duration answerLimit, Duration lateLimit) {
    this.backend = backend;
    this.answerLimit = answerLimit;
    this.lateLimit = lateLimit;
  }

  /**
   * Lists everything that the backend has, one kind after the other. A secondary that cannot list
   * its pod sandboxes and containers is not used: there would be no last known state when it is
   * lost.
   */
  public void listAll(Consumer<ConnectStep.Outcome> next) {
    ask(Iterators.forArray(Kind.values()), next);
  }

  private void ask(Iterator<Kind> kinds, Consumer<ConnectStep.Outcome> next) {
    if (!kinds.hasNext()) {
      next.accept(ConnectStep.DONE);
      return;
    }
    Kind kind = kinds.next();
    backend.ask(
        kind.listRpc(),
        ByteString.EMPTY,
        answerLimit,
        answer -> {
          if (isNeeded(kind) && !isAnswer(answer.status())) {
            next.accept(refusal(kind, answer));
          } else {
            ask(kinds, next);
          }
        });
  }

  private static ConnectStep.Outcome refusal(Kind kind, BackendResponse answer) {
    return new ConnectStep.Outcome(
        answer.isTimeout() ? Cause.HUNG : Cause.NOT_USABLE,
        kind.listRpc().name() + " answers " + answer.status());
  }

  private boolean isNeeded(Kind kind) {
    return !backend.isPrimary() && kind != Kind.IMAGE;
  }

  /** UNIMPLEMENTED means that the runtime has no objects of this kind. */
  private static boolean isAnswer(RpcStatus status) {
    return status.isOk() || status.isUnimplemented();
  }

  /**
   * Repeats a client's request in the background. Only one call of each rpc is under way at a time,
   * so that calls do not pile up at a hung backend. A list that the inventory keeps is queried
   * without a filter.
   *
   * @param request the client's request
   */
  public void refresh(CriRequest request) {
    CriMethod method = request.method();
    MethodSchema schema = Schema.cri().require(method.name());
    boolean isKept = Kind.listedBy(schema.effect()) != null;
    ByteString question = isKept ? ByteString.EMPTY : question(request);
    if (question != null && underWay.add(method)) {
      backend.ask(
          isKept ? CriMethod.of(schema.unaryRpc()) : method,
          question,
          lateLimit,
          answer -> {
            underWay.remove(method);
            if (answer.isOk()) {
              backend.missedBudgets().answered(method);
            }
          });
    }
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
