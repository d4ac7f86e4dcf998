package org.example.vm;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.CreateContainerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A container, which has a machine after its start. It is saved in its folder. Calls change it
 * under the lock of its pod; the end of the machine changes it without a lock.
 */
final class VmContainer {
  private static final System.Logger LOG = System.getLogger(VmContainer.class.getName());
  private static final String REQUEST = "request.pb";
  private static final String STATUS = "status.pb";

  private final Path folder;
  private final CreateContainerRequest request;
  private volatile ContainerStatus status;
  private volatile Optional<Machine> machine = Optional.empty();
  private volatile Optional<Console> console = Optional.empty();
  private volatile CompletableFuture<Void> exited = new CompletableFuture<>();

  private VmContainer(Path folder, CreateContainerRequest request, ContainerStatus status) {
    this.folder = folder;
    this.request = request;
    this.status = status;
  }

  /** Creates a container with a folder. */
  static VmContainer create(Path folder, CreateContainerRequest request, StoredImage image)
      throws IOException {
    ContainerConfig config = request.getConfig();
    ContainerStatus status =
        ContainerStatus.newBuilder()
            .setId(folder.getFileName().toString())
            .setMetadata(config.getMetadata())
            .setState(ContainerState.CONTAINER_CREATED)
            .setCreatedAt(Clocks.nanos())
            .setImage(config.getImage())
            .setImageRef(image.id())
            .setImageId(image.id())
            .putAllLabels(config.getLabelsMap())
            .putAllAnnotations(config.getAnnotationsMap())
            .setLogPath(logPath(request))
            .build();
    Files.createDirectories(folder);
    Folders.write(folder.resolve(REQUEST), request.toByteArray());
    Folders.write(folder.resolve(STATUS), status.toByteArray());
    return new VmContainer(folder, request, status);
  }

  private static String logPath(CreateContainerRequest request) {
    String directory = request.getSandboxConfig().getLogDirectory();
    String file = request.getConfig().getLogPath();
    return directory.isEmpty() || file.isEmpty() ? "" : directory + "/" + file;
  }

  /** Loads the container of a folder; empty if its creation was interrupted. */
  static Optional<VmContainer> load(Path folder) throws IOException {
    try {
      return Optional.of(
          new VmContainer(
              folder,
              CreateContainerRequest.parseFrom(Files.readAllBytes(folder.resolve(REQUEST))),
              ContainerStatus.parseFrom(Files.readAllBytes(folder.resolve(STATUS)))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  String id() {
    return folder.getFileName().toString();
  }

  String podId() {
    return request.getPodSandboxId();
  }

  Path folder() {
    return folder;
  }

  /** The folder of QEMU's sockets and pipes. */
  Path machineFolder() {
    return folder.resolve("vm");
  }

  ContainerConfig config() {
    return request.getConfig();
  }

  ContainerStatus status() {
    return status;
  }

  boolean isIn(ContainerState state) {
    return status.getState() == state;
  }

  Optional<Machine> machine() {
    return machine;
  }

  Optional<Console> console() {
    return console;
  }

  /**
   * The unique name of a container in its pod. A second container with the same name is refused.
   */
  static String nameOf(ContainerConfig config) {
    return config.getMetadata().getName() + "_" + config.getMetadata().getAttempt();
  }

  /**
   * Sets the running machine.
   *
   * @param ended called after the container has exited
   */
  void run(Machine running, Consumer<VmContainer> ended) throws IOException {
    Optional<ConsoleLog> log = Optional.empty();
    if (!status.getLogPath().isEmpty()) {
      log = Optional.of(new ConsoleLog(Path.of(status.getLogPath()), Instant::now));
    }
    console = Optional.of(new Console(machineFolder(), log));
    machine = Optional.of(running);
    if (!isIn(ContainerState.CONTAINER_RUNNING)) {
      setStatus(
          status.toBuilder()
              .setState(ContainerState.CONTAINER_RUNNING)
              .setStartedAt(Clocks.nanos())
              .build());
    }
    running.end().thenAccept(how -> exit(how, ended));
  }

  private void exit(Machine.End how, Consumer<VmContainer> ended) {
    try {
      detach();
      exited(how);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "the end of " + id() + " could not be saved", e);
    }
    exited.complete(null);
    ended.accept(this);
  }

  /** Sets the state to exited. */
  void exited(Machine.End how) throws IOException {
    ContainerStatus next =
        status.toBuilder()
            .setState(ContainerState.CONTAINER_EXITED)
            .setFinishedAt(Clocks.nanos())
            .setExitCode(how.exitCode)
            .setReason(how.reason)
            .setMessage(how.message)
            .build();
    status = next;
    Folders.write(folder.resolve(STATUS), next.toByteArray());
  }

  /** Completes when the container has exited. */
  CompletableFuture<Void> whenExited() {
    return exited;
  }

  private void setStatus(ContainerStatus next) throws IOException {
    Folders.write(folder.resolve(STATUS), next.toByteArray());
    status = next;
  }

  /** Disconnects from console and machine. A running machine runs on. */
  void detach() throws IOException {
    if (machine.isPresent()) {
      machine.get().close();
    }
    if (console.isPresent()) {
      console.get().close();
      console = Optional.empty();
    }
  }

  Container listed() {
    ContainerStatus now = status;
    return Container.newBuilder()
        .setId(now.getId())
        .setPodSandboxId(podId())
        .setMetadata(now.getMetadata())
        .setImage(now.getImage())
        .setImageRef(now.getImageRef())
        .setImageId(now.getImageId())
        .setState(now.getState())
        .setCreatedAt(now.getCreatedAt())
        .putAllLabels(now.getLabelsMap())
        .putAllAnnotations(now.getAnnotationsMap())
        .build();
  }
}
