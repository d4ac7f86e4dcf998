package io.crirouter.core.internal.backend;

import com.google.common.collect.Iterators;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
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
 * What one backend is asked though no client waits for it: what it has, when it has come (back),
 * and what it was too slow with, to know when it answers. Thread-safe.
 */
public final class BackgroundQueries {
  private final Backend backend;
  private final Duration answerLimit;
  private final Duration lateLimit;
  private final Set<CriMethod> underWay = ConcurrentHashMap.newKeySet();

  /**
   * @param answerLimit how long an answer may take that is waited for
   * @param lateLimit how long one may take that is not
   */
  BackgroundQueries(Backend backend, Duration answerLimit, Duration lateLimit) {
    this.backend = backend;
    this.answerLimit = answerLimit;
    this.lateLimit = lateLimit;
  }

  /**
   * Asks for everything that the backend has, one kind after the other. A secondary that cannot
   * list its pod sandboxes and containers cannot be used: nobody would know what it has when it is
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
        CriMethod.of(kind.listRpc()),
        ByteString.EMPTY,
        answerLimit,
        answer -> {
          if (isNeeded(kind) && !isAnswer(answer.status())) {
            next.accept(refusal(kind, answer.status()));
          } else {
            ask(kinds, next);
          }
        });
  }

  private static ConnectStep.Outcome refusal(Kind kind, RpcStatus status) {
    return new ConnectStep.Outcome(
        status.code() == Code.DEADLINE_EXCEEDED ? Cause.HUNG : Cause.NOT_USABLE,
        kind.listRpc() + " answers " + status);
  }

  private boolean isNeeded(Kind kind) {
    return !backend.isPrimary() && kind != Kind.IMAGE;
  }

  /** A runtime without such a list has no such things. */
  private static boolean isAnswer(RpcStatus status) {
    return status.isOk() || status.isUnimplemented();
  }

  /**
   * Asks again what a client asked and is not waited for; one of a kind at a time, so that calls do
   * not pile up where one hangs. A list that is remembered is asked for as a whole.
   *
   * @param request in the client's language
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

  /** What the client asks in the runtime's language; null if it cannot be said in that. */
  private @Nullable ByteString question(CriRequest request) {
    try {
      return backend.translator().request(request.method(), request.message());
    } catch (RpcException | MalformedMessageException e) {
      return null;
    }
  }
}
