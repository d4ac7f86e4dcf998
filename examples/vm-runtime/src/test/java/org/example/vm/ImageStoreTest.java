package org.example.vm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageStoreTest {
  private static final int MAX_BYTES = 4096;
  private static final byte[] KERNEL = "kernel".getBytes(UTF_8);
  private static final byte[] INITRAMFS = "initramfs".getBytes(UTF_8);
  private static final ImageName GUEST = ImageName.parse("guests/small:1");

  @TempDir private Path folder;
  private ImageServer server;
  private ImageStore store;

  @BeforeEach
  void open() throws IOException {
    server = new ImageServer();
    store = reopened();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private ImageStore reopened() throws IOException {
    Download download = new Download(Duration.ofSeconds(5), Duration.ofSeconds(10));
    return new ImageStore(folder, server.uri(), download, MAX_BYTES);
  }

  private void putGuest(String path, byte[] kernel, byte[] initramfs) {
    String manifest =
        "kernel = vmlinuz sha256:"
            + ImageServer.sha256(kernel)
            + "\ninitramfs = initramfs.gz sha256:"
            + ImageServer.sha256(initramfs)
            + "\ncommand-line = console=ttyS0\n";
    server.put(path + "image.properties", manifest.getBytes(UTF_8));
    server.put(path + "vmlinuz", kernel);
    server.put(path + "initramfs.gz", initramfs);
  }

  private List<String> parts() throws IOException {
    return Folders.list(store.folder()).stream().map(one -> one.getFileName().toString()).toList();
  }

  @Test
  void anImageIsFetchedByItsName() throws IOException {
    putGuest("/guests/small/1/", KERNEL, INITRAMFS);

    String id = store.pull(GUEST);

    StoredImage image = store.find("guests/small:1").orElseThrow();
    assertEquals(id, image.id());
    assertArrayEquals(KERNEL, Files.readAllBytes(image.part("kernel").orElseThrow()));
    assertArrayEquals(INITRAMFS, Files.readAllBytes(image.part("initramfs").orElseThrow()));
    assertEquals("console=ttyS0", image.manifest().commandLine());
    assertEquals(Optional.of(image), store.find(id), "by its id");
    assertEquals(List.of("guests/small:1"), store.names(image));
    assertEquals(store.sizes().stream().mapToLong(Long::longValue).sum(), image.bytes());
  }

  @Test
  void imagesSurviveARestart() throws IOException {
    putGuest("/guests/small/1/", KERNEL, INITRAMFS);
    store.pull(GUEST);

    assertEquals(store.list(), reopened().list());
    assertEquals(store.find("guests/small:1"), reopened().find("guests/small:1"));
  }

  @Test
  void existingPartsAreNotFetchedAgain() throws IOException {
    putGuest("/guests/small/1/", KERNEL, INITRAMFS);
    store.pull(GUEST);
    int before = server.sent();

    store.pull(GUEST);

    assertEquals(1, server.sent() - before, "the manifest alone");
  }

  @Test
  void anotherChecksumIsRefusedAndNothingIsKept() throws IOException {
    putGuest("/guests/small/1/", KERNEL, INITRAMFS);
    server.put("/guests/small/1/initramfs.gz", "tampered".getBytes(UTF_8));

    IOException failure = assertThrows(IOException.class, () -> store.pull(GUEST));

    assertTrue(failure.getMessage().contains("checksum"), failure::getMessage);
    assertEquals(List.of(), parts());
    assertEquals(List.of(), store.list());
  }

  @Test
  void anImageBeyondTheLimitIsRefusedAndNothingIsKept() throws IOException {
    putGuest("/guests/small/1/", new byte[MAX_BYTES + 1], INITRAMFS);

    IOException failure = assertThrows(IOException.class, () -> store.pull(GUEST));

    assertTrue(failure.getMessage().contains("more than the 4096 bytes"), failure::getMessage);
    assertEquals(List.of(), parts());
  }

  @Test
  void anAbsentImageIsNotFound() {
    assertThrows(FileNotFoundException.class, () -> store.pull(GUEST));
  }

  @Test
  void aDigestInTheNameMustBeThatOfTheManifest() throws IOException {
    putGuest("/guests/small/1/", KERNEL, INITRAMFS);
    String id = store.pull(GUEST);
    putGuest("/guests/small/1/", KERNEL, "another".getBytes(UTF_8));

    ImageName pinned = ImageName.parse("guests/small:1@" + id);

    assertThrows(IOException.class, () -> store.pull(pinned));
    assertEquals(id, store.find("guests/small@" + id).orElseThrow().id());
  }

  @Test
  void anImageWithoutNameStaysUntilItIsRemoved() throws IOException {
    putGuest("/guests/small/1/", KERNEL, INITRAMFS);
    String first = store.pull(GUEST);
    putGuest("/guests/small/1/", KERNEL, "another".getBytes(UTF_8));
    String second = store.pull(GUEST);

    assertEquals(second, store.find("guests/small:1").orElseThrow().id());
    assertEquals(List.of(), store.names(store.find(first).orElseThrow()));
    store.remove(store.find(first).orElseThrow());
    assertTrue(store.find(first).isEmpty());
    assertEquals(2, parts().size(), "the kernel is that of the other image too");
  }

  @Test
  void removalLeavesNothing() throws IOException {
    putGuest("/guests/small/1/", KERNEL, INITRAMFS);
    store.pull(GUEST);

    store.remove(store.list().get(0));

    assertEquals(List.of(), store.sizes());
    assertTrue(store.find("guests/small:1").isEmpty());
    assertEquals(List.of(), reopened().list());
  }

  @Test
  void filesOfAnInterruptedPullAreRemovedAtTheNextStart() throws IOException {
    Path left = store.folder().resolve("0".repeat(64) + ".unfinished-3");
    Files.write(left, KERNEL);

    reopened();

    assertFalse(Files.exists(left));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "kernel = vmlinuz",
        "kernel = ../x sha256:00",
        "initramfs = a sha256:00",
        "colour = red"
      })
  void aMalformedManifestIsRefused(String manifest) {
    server.put("/guests/small/1/image.properties", manifest.getBytes(UTF_8));

    assertThrows(IOException.class, () -> store.pull(GUEST));
  }

  @Test
  void aDiskThatRefersToAnotherFileIsRefused() throws IOException {
    byte[] disk = new byte[104];
    System.arraycopy(new byte[] {'Q', 'F', 'I', (byte) 0xfb, 0, 0, 0, 3}, 0, disk, 0, 8);
    server.putDisk("guests/small:1", disk);
    store.pull(GUEST);
    disk[15] = 1; // where the name of the backing file is
    server.putDisk("guests/small:1", disk);

    IOException failure = assertThrows(IOException.class, () -> store.pull(GUEST));

    assertTrue(failure.getMessage().contains("another file"), failure::getMessage);
  }
}
