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

  /** Handlers that the runtime accepts although its Status does not list them. */
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
   * handlers and features, the rpcs that it lacks, the codes and texts of its errors, and the
   * fields that it leaves empty. Does not change the name in addresses, ids and the journal. Later
   * settings of this builder override it.
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

  /** Whether the runtime lacks the rpc {@code rpc}. */
  boolean lacks(String rpc) {
    return without.contains(rpc) || recording.lacks(rpc);
  }

  /** The runtime version in its Version response, {@code 1.0.0} by default. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder version(String value) {
    version = requireNonNull(value, "version");
    return this;
  }

  /**
   * Rpcs that this runtime lacks. It answers them with UNIMPLEMENTED.
   *
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder without(String... rpcs) {
    for (String rpc : rpcs) {
      without.add(CriMethod.of(rpc).name());
    }
    return this;
  }

  /** Adds a runtime handler with its features. The default handler is always there. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder runtimeHandler(String handler, RuntimeHandlerFeatures supported) {
    handlers.add(RuntimeHandler.newBuilder().setName(handler).setFeatures(supported).build());
    return this;
  }

  /** Adds a runtime handler without features. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder runtimeHandler(String handler) {
    return runtimeHandler(handler, RuntimeHandlerFeatures.getDefaultInstance());
  }

  /** The features that do not depend on a runtime handler; none by default. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder features(RuntimeFeatures value) {
    features = requireNonNull(value, "features");
    return this;
  }

  /** The cgroup driver in RuntimeConfig, {@link CgroupDriver#SYSTEMD} by default. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder cgroupDriver(CgroupDriver value) {
    cgroupDriver = requireNonNull(value, "cgroupDriver");
    return this;
  }

  /**
   * The clock for time stamps, timeouts, delays and commands with a duration: real time by default,
   * in most tests a {@link ManualScheduler}.
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
   * The seed of the ids of sandboxes and containers, by default the name of the runtime. An id has
   * 64 hexadecimal digits; the same seed yields the same sequence.
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder idSeed(String seed) {
    return ids(Ids.sequence(requireNonNull(seed, "seed")));
  }

  /**
   * The generator of ids of sandboxes and containers, in place of {@link #idSeed}.
   *
   * @param generator must not return an id twice
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder ids(Supplier<String> generator) {
    ids = requireNonNull(generator, "generator");
    return this;
  }

  /** Images that are pulled before the first call. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder images(String... names) {
    images.addAll(List.of(names));
    return this;
  }

  /**
   * The scheme and authority of the urls of Exec, Attach and PortForward: {@code
   * http://127.0.0.1:10010} by default. Some runtimes return {@code //127.0.0.1:10010} or only a
   * path.
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder streamUrlPrefix(String value) {
    streamUrlPrefix = requireNonNull(value, "streamUrlPrefix");
    return this;
  }

  /**
   * The mount points in ImageFsInfo, {@code /var/lib/NAME} for both by default.
   *
   * @param ofImages the mount point of images
   * @param ofContainers the mount point of the writable layers of containers
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder filesystems(String ofImages, String ofContainers) {
    imageFilesystem = requireNonNull(ofImages, "ofImages");
    containerFilesystem = requireNonNull(ofContainers, "ofContainers");
    return this;
  }

  /**
   * The maximum number of items in a message of a {@code Stream*} rpc, 100 by default.
   *
   * @throws IllegalArgumentException if not positive
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder chunkSize(int items) {
    if (items < 1) {
      throw new IllegalArgumentException("chunkSize must be at least 1, not " + items);
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
   * Maps the id of a sandbox or container to the value of the label {@code id} of its metrics. By
   * default the id itself; some runtimes report a cgroup path.
   */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder metricIdLabel(UnaryOperator<String> fromId) {
    metricIdLabel = requireNonNull(fromId, "fromId");
    return this;
  }

  /** Sets the result of ExecSync commands: see {@link FakeRuntime#onExecSync}. */
  @CanIgnoreReturnValue
  public FakeRuntimeBuilder onExecSync(Function<ExecSyncRequest, ExecResult> script) {
    execSync = requireNonNull(script, "script");
    return this;
  }

  /**
   * Builds the runtime.
   *
   * @throws IllegalArgumentException if one of the {@link #images} has no valid name
   */
  public FakeRuntime build() {
    return new FakeRuntime(this);
  }
}
