package io.crirouter.core.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.lastknown.LastKnown;
import io.crirouter.core.schema.Schema;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks one backend for lists that no client waits for, to know what is there. The answers end up in
 * {@link Backend#lastKnown}. Thread-safe.
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

  /** Asks for a list; one of a kind at a time, so that calls do not pile up where one hangs. */
  public void refresh(CriMethod method) {
    String list = Schema.cri().require(method.name()).listRpc();
    CriMethod unary = list.isEmpty() ? method : CriMethod.of(list);
    if (underWay.add(method)) {
      backend.ask(
          unary,
          ByteString.EMPTY,
          Health.PROBE_LIMIT,
          answer -> {
            underWay.remove(method);
            if (answer.isOk()) {
              backend.patience().answered(method);
            }
          });
    }
  }
}
