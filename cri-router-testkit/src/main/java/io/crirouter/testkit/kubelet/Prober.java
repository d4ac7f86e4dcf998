package io.crirouter.testkit.kubelet;

import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ExecSyncResponse;
import io.crirouter.testkit.kubelet.Finding.Kind;
import io.crirouter.testkit.kubelet.PodSpec.ContainerSpec;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The liveness probe of one container. An exit code other than 0 and DEADLINE_EXCEEDED are
 * failures. Any other error is ignored.
 */
final class Prober {
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int TIMEOUT_SECONDS = 1;
  private static final int FAILURE_THRESHOLD = 3;

  private final DesiredPod pod;
  private final ContainerSpec container;
  private final CriCalls calls;
  private final RuntimeClient client;
  private final PodCache cache;
  private final Ledger ledger;
  private String probedId = "";
  private int failures;
  private int timeouts;

  Prober(
      DesiredPod pod,
      ContainerSpec container,
      CriCalls calls,
      RuntimeClient client,
      PodCache cache,
      Ledger ledger) {
    this.pod = pod;
    this.container = container;
    this.calls = calls;
    this.client = client;
    this.cache = cache;
    this.ledger = ledger;
    scheduleNext();
  }

  private void scheduleNext() {
    if (!pod.isDeleted()) {
      calls.later(PERIOD, this::probe);
    }
  }

  private void probe() {
    Optional<ContainerStatus> status = cache.state(pod.uid()).container(container.name());
    if (status.isEmpty() || status.get().getState() != ContainerState.CONTAINER_RUNNING) {
      scheduleNext();
      return;
    }
    String id = status.get().getId();
    if (!id.equals(probedId)) {
      probedId = id;
      failures = 0;
      timeouts = 0;
    }
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder()
            .setContainerId(id)
            .addAllCmd(container.livenessProbe())
            .setTimeout(TIMEOUT_SECONDS)
            .build();
    Duration limit = CriCalls.TIMEOUT.plusSeconds(TIMEOUT_SECONDS);
    var unused =
        client
            .checkedCall(
                id, "ExecSync", calls.call("ExecSync", request, ExecSyncResponse.parser(), limit))
            .whenComplete((answer, failure) -> handleResult(id, answer, failure));
  }

  private void handleResult(
      String id, @Nullable ExecSyncResponse answer, @Nullable Throwable failure) {
    calls.ignoreCallFailure(failure);
    if (answer != null) {
      failures = answer.getExitCode() == 0 ? 0 : failures + 1;
      timeouts = answer.getExitCode() == 0 ? 0 : timeouts;
    } else if (failure != null
        && CallFailure.of(failure).status().code() == Code.DEADLINE_EXCEEDED) {
      failures++;
      timeouts++;
    }
    if (failures >= FAILURE_THRESHOLD) {
      kill(id);
    }
    scheduleNext();
  }

  private void kill(String id) {
    if (timeouts > 0) {
      ledger.find(
          Kind.KILLED_BY_PROBE,
          "container "
              + container.name()
              + " of "
              + pod
              + " ("
              + id
              + "): "
              + timeouts
              + " of its probes got DEADLINE_EXCEEDED");
    }
    failures = 0;
    timeouts = 0;
    var unused =
        client.stop(id).whenComplete((handleResult, failure) -> calls.ignoreCallFailure(failure));
  }
}
