package io.crirouter.core.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcException;
import io.crirouter.core.lastknown.LastKnown;
import io.crirouter.core.schema.Schema;
import io.crirouter.core.wire.MalformedMessageException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks one backend what no client waits for: lists, to know what is there, which ends up in {@link
 * Backend#lastKnown}, and what it was too slow with, to know when it answers. Thread-safe.
 */
public final class ListLearning {
  private final Backend backend;
  private final Set<CriMethod> underWay = ConcurrentHashMap.newKeySet();

  ListLearning(Backend backend) {
    this.backend = backend;
  }

  /** Asks for everything that lists would show, one after the other; then {@code next}. */
  public void learnAll(Runnable next) {
    learn(0, next);
  }

  private void learn(int index, Runnable next) {
    if (index == LastKnown.LISTS.size()) {
      next.run();
      return;
    }
    backend.ask(
        CriMethod.of(LastKnown.LISTS.get(index)),
        ByteString.EMPTY,
        Health.PROBE_LIMIT,
        answer -> learn(index + 1, next));
  }

  /**
   * Asks again what a client asked and is not waited for; one of a kind at a time, so that calls do
   * not pile up where one hangs. A list that is remembered is asked for as a whole.
   *
   * @param request in the client's language
   */
  public void refresh(CriRequest request) {
    CriMethod method = request.method();
    String list = Schema.cri().require(method.name()).listRpc();
    String unary = list.isEmpty() ? method.name() : list;
    boolean isKept = LastKnown.LISTS.contains(unary);
    ByteString question = isKept ? ByteString.EMPTY : question(request);
    if (question != null && underWay.add(method)) {
      backend.ask(
          isKept ? CriMethod.of(unary) : method,
          question,
          Health.PROBE_LIMIT,
          answer -> {
            underWay.remove(method);
            if (answer.isOk()) {
              backend.patience().answered(method);
            }
          });
    }
  }

  /** What the client asks in the runtime's language; null if it cannot be said in that. */
  private @Nullable ByteString question(CriRequest request) {
    try {
      return backend.toRuntime(request);
    } catch (RpcException | MalformedMessageException e) {
      return null;
    }
  }
}
