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
 * A kubelet as far as a CRI runtime notices it, in simulated time: it relists every second (or
 * lives on events), runs pods and restarts their containers, executes probes, collects garbage and
 * watches over the node, each with the kubelet's own periods, timeouts and back-offs. It knows what
 * answers have told it for certain, and {@linkplain #findings notes} whatever contradicts that: a
 * pod that vanished from a list, a second ready sandbox, a pod that failed though its container
 * ran.
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
 * <p>What the test does to the runtime behind the kubelet's back, such as removing a sandbox, is
 * found too. To be used by the one thread that advances the scheduler, on which the backend has to
 * answer.
 */
public final class KubeletSimulator implements AutoCloseable {
  /** What the API server shows of a pod. */
  public enum Phase {
    /** Not all of its containers run. */
    PENDING,
    /** All of its containers run. */
    RUNNING,
    /** All of its containers have ended with 0, and none starts again. */
    SUCCEEDED,
    /** All of its containers have ended, not all with 0, and none starts again. */
    FAILED,
    /** It was deleted, and nothing of it is left. */
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
   * Describes a kubelet.
   *
   * @param runtime what it talks to: a router, or a runtime
   * @param time its clock, mostly a {@code ManualScheduler}
   */
  public static Builder builder(RuntimeBackend runtime, Scheduler time) {
    return new Builder(requireNonNull(runtime, "runtime"), requireNonNull(time, "time"));
  }

  private KubeletProcess newProcess() {
    return new KubeletProcess(runtime, time, ledger, evented, pods.values());
  }

  /**
   * A pod is to run. If it has the name of one that was deleted, it is another pod.
   *
   * @throws IllegalStateException if there is one of this name that is not gone
   */
  public void add(PodSpec spec) {
    DesiredPod before = pods.get(spec.name());
    if (before != null && !before.isGone()) {
      throw new IllegalStateException("there is a " + spec + " that is not gone");
    }
    String seed = spec.name() + "/" + ledger.now();
    String uid = UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)).toString();
    // Each pod is stamped with a nanosecond of its own.
    DesiredPod pod = new DesiredPod(spec, uid, time.now().plusNanos(stamps++));
    pods.put(spec.name(), pod);
    process.add(pod);
  }

  /**
   * A pod is to be stopped and removed.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public void delete(String name) {
    DesiredPod pod = pod(name);
    pod.delete();
    process.podChanged(pod.uid());
  }

  private DesiredPod pod(String name) {
    DesiredPod pod = pods.get(name);
    if (pod == null) {
      throw new IllegalArgumentException("no pod " + name + ", only " + pods.keySet());
    }
    return pod;
  }

  /**
   * How a pod is, as the kubelet believes.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public Phase phase(String name) {
    DesiredPod pod = pod(name);
    return pod.isGone() ? Phase.GONE : pod.phase();
  }

  /** Whether the node is Ready. */
  public boolean isNodeReady() {
    return process.isNodeReady();
  }

  /** The kubelet is killed and starts again: it forgets all but the pods that are to run. */
  public void restart() {
    process.stop();
    process = newProcess();
  }

  /** What was found so far, in the order of time. */
  public List<Finding> findings() {
    return ledger.findings();
  }

  /**
   * Fails if anything was found.
   *
   * @throws AssertionError with all of it, one finding a line
   */
  public void assertNoFindings() {
    if (!findings().isEmpty()) {
      throw new AssertionError(
          "the kubelet was led to believe, or to do, what it never must:\n  "
              + findings().stream().map(Finding::toString).collect(Collectors.joining("\n  ")));
    }
  }

  /** Ends the kubelet; pods stay as they are. */
  @Override
  public void close() {
    process.stop();
  }

  @Override
  public String toString() {
    return "KubeletSimulator(" + pods.values() + ", " + findings().size() + " findings)";
  }

  /** Describes a {@link KubeletSimulator}. Not thread-safe. */
  public static final class Builder {
    private final RuntimeBackend runtime;
    private final Scheduler time;
    private boolean evented;

    private Builder(RuntimeBackend runtime, Scheduler time) {
      this.runtime = runtime;
      this.time = time;
    }

    /** It lives on container events and relists every five minutes only (EventedPLEG). */
    @CanIgnoreReturnValue
    public Builder evented() {
      evented = true;
      return this;
    }

    /** The kubelet, which starts with the next move of the clock. */
    public KubeletSimulator start() {
      return new KubeletSimulator(this);
    }
  }
}
