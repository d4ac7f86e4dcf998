package io.crirouter.core.internal.merging;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.proto.routing.Budget;
import java.util.ArrayList;
import java.util.List;

/** Starts calls to several backends at once, within the time limits of one router. Immutable. */
public final class FanOuts {
  private final Timeouts timeouts;
  private final Scheduler scheduler;

  /** Limits calls by {@code timeouts}. */
  public FanOuts(Timeouts timeouts, Scheduler scheduler) {
    this.timeouts = timeouts;
    this.scheduler = scheduler;
  }

  /**
   * Starts the calls.
   *
   * @param backends those that answer, the primary first if it is one of them
   * @param trace takes note of what each backend contributes
   */
  public RuntimeCall start(
      CriRequest request,
      List<Backend> backends,
      Plan plan,
      ResponseListener listener,
      CallTrace trace) {
    List<Branch> branches = new ArrayList<>(backends.size());
    backends.forEach(backend -> branches.add(new Branch(request, backend, plan, trace)));
    FanOut fanOut =
        new FanOut(request, branches, plan.merge(), timeouts.lateAnswers(), scheduler, listener);
    fanOut.start();
    if (plan.hasBudget()) {
      fanOut.limit(plan.budget() == Budget.PODS ? timeouts.podLists() : timeouts.otherMerges());
    }
    return fanOut;
  }
}
