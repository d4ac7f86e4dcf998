package io.crirouter.examples.criproxy.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The triggers of a reload. */
@Timeout(60)
class ReloaderTest {
  @TempDir private Path folder;
  private final AtomicInteger reads = new AtomicInteger();
  private ServedNode node;
  private ProxyService service;
  private Reloader reloader;

  @BeforeEach
  void start() throws Exception {
    node = new ServedNode(folder, "containerd");
    node.write(config(1));
    service = node.start();
  }

  @AfterEach
  void stop() {
    reloader.close();
    service.close();
    node.close();
  }

  private String config(int seconds) {
    return node.config(node.backend("containerd"), "drainTimeout: " + seconds + "s\n");
  }

  private void watch(Path file) {
    reloader =
        new Reloader(
            () -> {
              reads.incrementAndGet();
              return node.read();
            },
            Optional.of(file),
            Systemd.of(Map.of(), 0));
    reloader.start(service);
  }

  private void awaitDrainTimeout(int seconds) throws Exception {
    Await.until(
        "drainTimeout is " + seconds, () -> service.config().drainTimeout().toSeconds() == seconds);
  }

  @Test
  void aFileThatIsWrittenInPlaceOrReplacedIsReadOnce() throws Exception {
    watch(node.file);

    node.write(config(2));
    awaitDrainTimeout(2);
    Path fresh = folder.resolve("fresh.yaml");
    Files.writeString(fresh, config(3));
    Files.move(fresh, node.file, StandardCopyOption.ATOMIC_MOVE);
    awaitDrainTimeout(3);

    assertThat(reads).hasValue(2);
  }

  @Test
  void aFileBehindAReplacedFolderLinkIsRead() throws Exception {
    // As Kubernetes mounts a ConfigMap.
    Path first = Files.createDirectory(folder.resolve("..1"));
    Path second = Files.createDirectory(folder.resolve("..2"));
    Files.writeString(first.resolve("f.yaml"), config(4));
    Files.writeString(second.resolve("f.yaml"), config(5));
    Files.delete(node.file);
    Files.createSymbolicLink(node.file, Path.of("..data/f.yaml"));
    Path data = Files.createSymbolicLink(folder.resolve("..data"), first.getFileName());
    watch(node.file);

    Path turned = Files.createSymbolicLink(folder.resolve("..tmp"), second.getFileName());
    Files.move(turned, data, StandardCopyOption.ATOMIC_MOVE);

    awaitDrainTimeout(5);
  }

  @Test
  void aMissingFileChangesNothing() throws Exception {
    watch(node.file);
    Files.delete(node.file);
    reloader.reload();
    Await.until("it was looked at", () -> service.lastReload().isPresent());

    assertThat(service.lastReload().orElseThrow().isApplied()).isFalse();
    node.write(config(6));

    awaitDrainTimeout(6);
  }

  @Test
  void aRequestBeforeTheStartIsDoneAfterIt() throws Exception {
    reloader =
        new Reloader(
            () -> {
              throw new BadConfigurationException("asked", null);
            },
            Optional.empty(),
            Systemd.of(Map.of(), 0));
    reloader.reload();

    reloader.start(service);

    Await.until("it was read", () -> service.lastReload().isPresent());
    assertThat(service.lastReload().orElseThrow().message()).isEqualTo("asked");
  }
}
