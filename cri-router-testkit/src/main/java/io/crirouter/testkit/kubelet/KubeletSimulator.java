package io.crirouter.testkit.kubelet;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.Scheduler;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Simulates the CRI calls of a kubelet in simulated time. It relists every second (or uses events),
 * runs pods and restarts their containers, executes probes, runs container and image GC and
 * computes the node condition, with the periods, timeouts and back-offs of the kubelet. It records
 * the facts that responses prove, and {@linkplain #findings reports} what contradicts them: for
 * example a pod that is missing from a list, a second ready sandbox, or a pod that failed although
 * its container ran.
 *
 * <pre>{@code
 * ManualScheduler time = new ManualScheduler();
 * KubeletSimulator kubelet = KubeletSimulator.builder(router, time).start();
 * kubelet.add(PodSpec.named("web").container("main", "nginx").build());
 * time.advance(Duration.ofMinutes(1));
 * virtlet.down();
 * time.advance(Duration.ofMinutes(10));
 * kubelet.assertNoFindings();
 * }</pre>
 *
 * <p>Changes that a test makes directly at the runtime, such as removing a sandbox, are reported
 * too. Not thread-safe: use it on the thread that advances the scheduler. The backend must answer
 * on that thread.
 */
public final class KubeletSimulator implements AutoCloseable {
  /** The phase of a pod at the API server. */
  public enum Phase {
    /** Not all of its containers run. */
    PENDING,
    /** All of its containers run. */
    RUNNING,
    /** All of its containers have ended with 0, and none is restarted. */
    SUCCEEDED,
    /** All of its containers have ended, not all with 0, and none is restarted. */
    FAILED,
    /** It was deleted, and its sandboxes and containers are removed. */
    GONE
  }

  private final Scheduler time;
  private final boolean evented;
  private final Ledger ledger;
  private final Map<String, DesiredPod> pods = new LinkedHashMap<>();
  private final RuntimeBackend runtime;
  private long stamps;
  private KubeletProcess process;

  private KubeletSimulator(Builder from) {
    time = from.time;
    evented = from.evented;
    runtime = from.runtime;
    ledger = new Ledger(time);
    process = newProcess();
  }

  /**
   * A builder of a kubelet.
   *
   * @param runtime the runtime of the kubelet: a router, or a single runtime
   * @param time the clock, usually a {@code ManualScheduler}
   */
  public static Builder builder(RuntimeBackend runtime, Scheduler time) {
    return new Builder(requireNonNull(runtime, "runtime"), requireNonNull(time, "time"));
  }

  private KubeletProcess newProcess() {
    return new KubeletProcess(runtime, time, ledger, evented, pods.values());
  }

  /**
   * Adds a pod. It may reuse the name of a pod that is {@link Phase#GONE}.
   *
   * @throws IllegalStateException if there is a pod of this name that is not gone
   */
  public void add(PodSpec spec) {
    DesiredPod before = pods.get(spec.name());
    if (before != null && !before.isGone()) {
      throw new IllegalStateException(spec + " exists already");
    }
    String seed = spec.name() + "/" + ledger.now();
    String uid = UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)).toString();
    // The nanosecond makes config.seen unique.
    DesiredPod pod = new DesiredPod(spec, uid, time.now().plusNanos(stamps++));
    pods.put(spec.name(), pod);
    process.add(pod);
  }

  /**
   * Deletes a pod: the kubelet stops and removes it.
   *
   * @throws IllegalArgumentException if there is no pod of this name
   */
  public void delete(String name) {
    DesiredPod pod = pod(name);
    pod.delete();
    process.podChanged(pod.uid());
  }

  private DesiredPod pod(String name) {
    DesiredPod pod = pods.get(name);
    if (pod == null) {
      throw new IllegalArgumentException("no pod " + name + "; the pods are " + pods.keySet());
    }
    return pod;
  }

  /**
   * The phase that the kubelet reports for a pod.
   *
   * @throws IllegalArgumentException if there is no pod of this name
   */
  public Phase phase(String name) {
    DesiredPod pod = pod(name);
    return pod.isGone() ? Phase.GONE : pod.phase();
  }

  /** Whether the node is Ready. */
  public boolean isNodeReady() {
    return process.isNodeReady();
  }

  /** Kills and restarts the kubelet. It keeps only the pods of the API server. */
  public void restart() {
    process.stop();
    process = newProcess();
  }

  /** The findings so far, in order of time. */
  public List<Finding> findings() {
    return ledger.findings();
  }

  /**
   * Fails if there are findings.
   *
   * @throws AssertionError that lists all findings, one per line
   */
  public void assertNoFindings() {
    if (!findings().isEmpty()) {
      throw new AssertionError(
          "the kubelet simulator has findings:\n  "
              + findings().stream().map(Finding::toString).collect(Collectors.joining("\n  ")));
    }
  }

  /** Stops the kubelet. Pods are not removed. */
  @Override
  public void close() {
    process.stop();
  }

  @Override
  public String toString() {
    return "KubeletSimulator(" + pods.values() + ", " + findings().size() + " findings)";
  }

  /** Configures a {@link KubeletSimulator}. Not thread-safe. */
  public static final class Builder {
    private final RuntimeBackend runtime;
    private final Scheduler time;
    private boolean evented;

    private Builder(RuntimeBackend runtime, Scheduler time) {
      this.runtime = runtime;
      this.time = time;
    }

    /** Enables EventedPLEG: container events, and a relist every five minutes only. */
    @CanIgnoreReturnValue
    public Builder evented() {
      evented = true;
      return this;
    }

    /** Creates the kubelet. It starts when the clock is advanced next. */
    public KubeletSimulator start() {
      return new KubeletSimulator(this);
    }
  }
}
