package org.example.vm;

import io.crirouter.core.Rpc;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.TypedBackend;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A runtime whose pods are virtual machines. Machines and pods outlive it: the next runtime that
 * opens the folder takes them over.
 */
final class VmRuntime implements AutoCloseable {
  /** A kubelet has about one concurrent call for each pod that changes. */
  private static final int MAX_CALLS = 256;

  private static final Duration CONSOLE_PERIOD = Duration.ofMillis(100);
  private static final Duration SILENCE = Duration.ofSeconds(30);
  private static final Duration MAX_DOWNLOAD_TIME = Duration.ofMinutes(30);
  private static final long DEFAULT_MEBIBYTES = 256;

  private final FileChannel lock;
  private final ExecutorService calls;
  private final ScheduledExecutorService timer;
  private final Pods pods;
  private final NodeCalls node;
  private final PodCalls podCalls;
  private final ContainerCalls containers;
  private final ImageCalls images;
  private final StatsCalls stats;
  private final StreamCalls streams;
  private final Events events;
  private final AttachServer attachServer;

  private VmRuntime(VmOptions options, Hypervisor hypervisor, PodNetwork network, FileChannel lock)
      throws IOException, InterruptedException {
    this.lock = lock;
    calls =
        new ThreadPoolExecutor(
            0, MAX_CALLS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons("calls"));
    timer = Executors.newSingleThreadScheduledExecutor(daemons("timer"));
    Path folder = options.folder();
    pods = new Pods(folder);
    events = new Events(timer);
    Download download = new Download(SILENCE, MAX_DOWNLOAD_TIME);
    ImageStore store =
        new ImageStore(
            folder.resolve("images"), options.images(), download, options.maxImageBytes());
    int processors = Runtime.getRuntime().availableProcessors();
    Boot boot = new Boot(hypervisor, network, processors, DEFAULT_MEBIBYTES);
    containers = new ContainerCalls(pods, store, boot, events);
    podCalls = new PodCalls(pods, network, containers, events);
    images = new ImageCalls(store, pods);
    node = new NodeCalls(hypervisor, network);
    stats = new StatsCalls(pods);
    attachServer = new AttachServer(daemons("attach"));
    streams = new StreamCalls(pods, containers, attachServer);
    new Recovery(pods, hypervisor, network, containers).run();
    timer.scheduleWithFixedDelay(
        this::pollConsoles, 0, CONSOLE_PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Opens the runtime with the pods of a former one.
   *
   * @throws IOException if its folder cannot be used, or another runtime uses it
   */
  static VmRuntime open(VmOptions options) throws IOException, InterruptedException {
    Path folder = makeFolder(options.folder());
    Command command =
        new Command(options.hostCommand(), Files.createDirectories(folder.resolve("commands")));
    return open(
        options,
        new Qemu(options.qemu(), options.accelerator(), command),
        new CniNetwork(options.cniConfigurations(), options.cniPlugins(), command));
  }

  /** Like {@link #open(VmOptions)}, with another hypervisor and network. */
  static VmRuntime open(VmOptions options, Hypervisor hypervisor, PodNetwork network)
      throws IOException, InterruptedException {
    FileChannel lock = lock(makeFolder(options.folder()));
    try {
      return new VmRuntime(options, hypervisor, network, lock);
    } catch (IOException | InterruptedException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Only the owner may access the folder: saved requests contain environments with secrets. */
  private static Path makeFolder(Path folder) throws IOException {
    return Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static FileChannel lock(Path folder) throws IOException {
    FileChannel file =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = file.tryLock();
      if (lock != null) {
        return file;
      }
    } catch (OverlappingFileLockException e) {
      // This process has it.
    }
    file.close();
    throw new IOException("another vm-runtime uses " + folder);
  }

  private static ThreadFactory daemons(String name) {
    return task -> {
      Thread thread = new Thread(task, "vm-runtime-" + name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private void pollConsoles() {
    pods.allContainers().forEach(container -> container.console().ifPresent(Console::poll));
  }

  RuntimeBackend backend() {
    return backend(calls);
  }

  // snippet: wiring
  RuntimeBackend backend(Executor executor) {
    return TypedBackend.builder()
        .executor(executor)
        .address("the VMs of this process")
        .unary(Rpc.VERSION, node::version)
        .unary(Rpc.STATUS, node::status)
        .unary(Rpc.UPDATE_RUNTIME_CONFIG, node::update)
        .unary(Rpc.RUN_POD_SANDBOX, podCalls::run)
        .unary(Rpc.STOP_POD_SANDBOX, podCalls::stop)
        .unary(Rpc.REMOVE_POD_SANDBOX, podCalls::remove)
        .unary(Rpc.POD_SANDBOX_STATUS, podCalls::status)
        .unary(Rpc.LIST_POD_SANDBOX, podCalls::list)
        .unary(Rpc.CREATE_CONTAINER, containers::create)
        .unary(Rpc.START_CONTAINER, containers::start)
        .unary(Rpc.STOP_CONTAINER, containers::stop)
        .unary(Rpc.REMOVE_CONTAINER, containers::remove)
        .unary(Rpc.CONTAINER_STATUS, containers::status)
        .unary(Rpc.LIST_CONTAINERS, containers::list)
        .unary(Rpc.UPDATE_CONTAINER_RESOURCES, containers::update)
        .unary(Rpc.REOPEN_CONTAINER_LOG, containers::reopenLog)
        .unary(Rpc.EXEC_SYNC, streams::execSync)
        .unary(Rpc.EXEC, streams::exec)
        .unary(Rpc.ATTACH, streams::attach)
        .unary(Rpc.PORT_FORWARD, streams::portForward)
        .unary(Rpc.CONTAINER_STATS, stats::get)
        .unary(Rpc.LIST_CONTAINER_STATS, stats::list)
        .streaming(Rpc.GET_CONTAINER_EVENTS, events::subscribe)
        .unary(Rpc.PULL_IMAGE, images::pull)
        .unary(Rpc.IMAGE_STATUS, images::status)
        .unary(Rpc.LIST_IMAGES, images::list)
        .unary(Rpc.REMOVE_IMAGE, images::remove)
        .unary(Rpc.IMAGE_FS_INFO, images::fsInfo)
        .build();
  }

  // end

  /** A container, for tests. */
  VmContainer container(String id) {
    return pods.findContainer(id).orElseThrow();
  }

  /** Disconnects from all machines, which run on. */
  @Override
  public void close() throws IOException {
    calls.shutdownNow();
    timer.shutdownNow();
    for (VmContainer container : pods.allContainers()) {
      container.detach();
    }
    attachServer.close();
    lock.close();
  }
}
