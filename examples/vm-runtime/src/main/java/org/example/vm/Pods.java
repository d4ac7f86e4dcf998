package org.example.vm;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All pods and containers, and their folders. Thread-safe. */
final class Pods {
  private static final int ID_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path podFolder;
  private final Path containerFolder;
  private final Map<String, Pod> pods = new ConcurrentHashMap<>();
  private final Map<String, VmContainer> containers = new ConcurrentHashMap<>();
  private final Set<String> names = ConcurrentHashMap.newKeySet();

  Pods(Path folder) throws IOException {
    podFolder = Files.createDirectories(folder.resolve("pods"));
    containerFolder = Files.createDirectories(folder.resolve("containers"));
  }

  /** The folder for a new pod or container. */
  static Path newFolder(Path parent) {
    byte[] id = new byte[ID_BYTES];
    RANDOM.nextBytes(id);
    return parent.resolve(HexFormat.of().formatHex(id));
  }

  Path podFolder() {
    return podFolder;
  }

  Path containerFolder() {
    return containerFolder;
  }

  /** Reserves the name of a pod. Returns false if it is in use. */
  boolean reserve(String name) {
    return names.add(name);
  }

  void release(String name) {
    names.remove(name);
  }

  void add(Pod pod) {
    pods.put(pod.id(), pod);
  }

  void add(Pod pod, VmContainer container) {
    pod.containers().put(container.id(), container);
    containers.put(container.id(), container);
  }

  /** Removes a pod without containers. */
  void remove(Pod pod) throws IOException {
    Folders.delete(pod.folder());
    pods.remove(pod.id());
    release(Pod.nameOf(pod.config().getMetadata()));
  }

  /** Removes a container that does not run. */
  void remove(Pod pod, VmContainer container) throws IOException {
    Folders.delete(container.folder());
    pod.containers().remove(container.id());
    containers.remove(container.id());
  }

  List<Pod> all() {
    return List.copyOf(pods.values());
  }

  List<VmContainer> allContainers() {
    return List.copyOf(containers.values());
  }

  Optional<Pod> find(String id) {
    return Optional.ofNullable(pods.get(id));
  }

  Optional<VmContainer> findContainer(String id) {
    return Optional.ofNullable(containers.get(id));
  }

  Pod get(String id) throws RpcException {
    return find(id)
        .orElseThrow(() -> new RpcException(Code.NOT_FOUND, "there is no pod sandbox " + id));
  }

  VmContainer getContainer(String id) throws RpcException {
    return findContainer(id)
        .orElseThrow(() -> new RpcException(Code.NOT_FOUND, "there is no container " + id));
  }

  /** The pod of a container. */
  Pod podOf(VmContainer container) throws RpcException {
    return get(container.podId());
  }
}
