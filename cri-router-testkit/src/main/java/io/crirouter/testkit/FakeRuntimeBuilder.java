package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.CriMethod;
import io.crirouter.core.Scheduler;
import io.crirouter.proto.v1.CgroupDriver;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.RuntimeFeatures;
import io.crirouter.proto.v1.RuntimeHandler;
import io.crirouter.proto.v1.RuntimeHandlerFeatures;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Configures a {@link FakeRuntime}. Not thread-safe. */
public final class FakeRuntimeBuilder {
  final String name;
  final Set<String> without = new HashSet<>();
  final List<RuntimeHandler> handlers = new ArrayList<>();

  /** Those that a runtime takes although its Status does not list them. */
  final Set<String> unlistedHandlers = new HashSet<>();

  final List<String> images = new ArrayList<>();
  RuntimeRecording recording = RuntimeRecording.NONE;
  String reportedName;
  String version = "1.0.0";
  RuntimeFeatures features = RuntimeFeatures.getDefaultInstance();
  CgroupDriver cgroupDriver = CgroupDriver.SYSTEMD;
  Scheduler scheduler = SystemScheduler.INSTANCE;
  @Nullable Instant startsAt;
  Supplier<String> ids;
  String streamUrlPrefix = "http://127.0.0.1:10010";
  String imageFilesystem;
  String containerFilesystem;
  int chunkSize = 100;
  List<String> metricLabelKeys = List.of("id", "name", "image", "namespace", "pod");
  UnaryOperator<String> metricIdLabel = UnaryOperator.identity();
  Function<ExecSyncRequest, ExecResult> execSync = request -> ExecResult.of(request.getCmdList());

  FakeRuntimeBuilder(String name) {
    this.name = requireNonNull(name, "name");
    reportedName = name;
    ids = Ids.sequence(name);
    imageFilesystem = "/var/lib/" + name;
    containerFilesystem = imageFilesystem;
    handlers.add(RuntimeHandler.getDefaultInstance());
  }

  /**
   * Answers like {@code runtime}, as far as that was recorded: its name and version, conditions,
   * handlers and features, the rpcs that it does not have, the codes and texts of its errors, and
   * the fields that it leaves empty. Does not change the name in addresses, ids and the journal.
   * What is set after this counts instead.
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder like(RealRuntime runtime) {
    recording = runtime.recording();
    reportedName = recording.version().getRuntimeName();
    version = recording.version().getRuntimeVersion();
    handlers.clear();
    handlers.addAll(recording.status().getRuntimeHandlersList());
    unlistedHandlers.add(RealRuntime.HANDLER);
    features = recording.status().getFeatures();
    cgroupDriver = recording.config().getLinux().getCgroupDriver();
    return this;
  }

  /** Whether the runtime is to be without the rpc {@code rpc}. */
  boolean lacks(String rpc) {
    return without.contains(rpc) || recording.lacks(rpc);
  }

  /** The version that the runtime reports of itself, {@code 1.0.0} by default. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder version(String value) {
    version = requireNonNull(value, "version");
    return this;
  }

  /**
   * Rpcs that this runtime does not have: they are answered UNIMPLEMENTED.
   *
   * @throws IllegalArgumentException if CRI v1 has no such rpc either
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder without(String... rpcs) {
    for (String rpc : rpcs) {
      without.add(CriMethod.of(rpc).name());
    }
    return this;
  }

  /** A runtime handler that pods can ask for, besides the default one, and its features. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder runtimeHandler(String handler, RuntimeHandlerFeatures its) {
    handlers.add(RuntimeHandler.newBuilder().setName(handler).setFeatures(its).build());
    return this;
  }

  /** A runtime handler without special features. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder runtimeHandler(String handler) {
    return runtimeHandler(handler, RuntimeHandlerFeatures.getDefaultInstance());
  }

  /** What the runtime can do whatever the handler; nothing by default. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder features(RuntimeFeatures value) {
    features = requireNonNull(value, "features");
    return this;
  }

  /** What RuntimeConfig reports, {@link CgroupDriver#SYSTEMD} by default. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder cgroupDriver(CgroupDriver value) {
    cgroupDriver = requireNonNull(value, "cgroupDriver");
    return this;
  }

  /**
   * The clock for time stamps, time limits, delays and commands that take time: real time by
   * default, mostly a {@link ManualScheduler}.
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder scheduler(Scheduler value) {
    scheduler = requireNonNull(value, "scheduler");
    return this;
  }

  /** The wall-clock time at which the runtime is built; by default the system's. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder startsAt(Instant value) {
    startsAt = requireNonNull(value, "startsAt");
    return this;
  }

  /**
   * From what the ids of sandboxes and containers are made, the runtime's name by default: 64
   * hexadecimal digits each, the same sequence for the same seed.
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder idSeed(String seed) {
    return ids(Ids.sequence(requireNonNull(seed, "seed")));
  }

  /**
   * Where ids of sandboxes and containers come from, in place of {@link #idSeed}.
   *
   * @param generator never makes an id twice
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder ids(Supplier<String> generator) {
    ids = requireNonNull(generator, "generator");
    return this;
  }

  /** Images that are there from the start, as if pulled. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder images(String... names) {
    images.addAll(List.of(names));
    return this;
  }

  /**
   * What comes before the path in the urls of Exec, Attach and PortForward: {@code
   * http://127.0.0.1:10010} by default, {@code //127.0.0.1:10010} and an empty text are what other
   * runtimes do.
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder streamUrlPrefix(String value) {
    streamUrlPrefix = requireNonNull(value, "streamUrlPrefix");
    return this;
  }

  /**
   * The mount points that ImageFsInfo reports; by default one for both, {@code /var/lib/NAME}.
   *
   * @param ofImages where images are
   * @param ofContainers where the writable layers of containers are
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder filesystems(String ofImages, String ofContainers) {
    imageFilesystem = requireNonNull(ofImages, "ofImages");
    containerFilesystem = requireNonNull(ofContainers, "ofContainers");
    return this;
  }

  /**
   * How many items a message of a {@code Stream*} rpc holds at most, 100 by default.
   *
   * @throws IllegalArgumentException if not positive
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder chunkSize(int items) {
    if (items < 1) {
      throw new IllegalArgumentException("a chunk holds 1 item at least, not " + items);
    }
    chunkSize = items;
    return this;
  }

  /** The label keys of all metrics: {@code id, name, image, namespace, pod} by default. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder metricLabelKeys(String... keys) {
    metricLabelKeys = List.of(keys);
    return this;
  }

  /**
   * What metrics have under the label key {@code id}, made from the id of the sandbox or container.
   * By default the id itself; some runtimes put a cgroup path there.
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder metricIdLabel(UnaryOperator<String> fromId) {
    metricIdLabel = requireNonNull(fromId, "fromId");
    return this;
  }

  /** What commands do: see {@link FakeRuntime#onExecSync}. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder onExecSync(Function<ExecSyncRequest, ExecResult> script) {
    execSync = requireNonNull(script, "script");
    return this;
  }

  /**
   * The runtime.
   *
   * @throws IllegalArgumentException if one of the {@link #images} has no valid name
   */
  public FakeRuntime build() {
    return new FakeRuntime(this);
  }
}
