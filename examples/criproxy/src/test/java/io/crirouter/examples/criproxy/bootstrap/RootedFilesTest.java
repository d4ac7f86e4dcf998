package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootedFilesTest {
  @TempDir private Path root;
  private NodeFiles files;

  @BeforeEach
  void open() throws IOException {
    files = new RootedFiles(root);
    Files.createDirectories(root.resolve("data/kubelet"));
    Files.createDirectories(root.resolve("var/lib"));
  }

  @Test
  void linksAreResolvedFromTheNodesRoot() throws IOException {
    Files.createSymbolicLink(root.resolve("var/lib/kubelet"), Path.of("/data/kubelet"));
    Files.createSymbolicLink(root.resolve("data/kubelet/a"), Path.of("../.././b"));
    Files.createSymbolicLink(root.resolve("data/kubelet/out"), Path.of("../../../../../c"));

    files.write("/var/lib/kubelet/a", "one");
    files.write("/var/lib/kubelet/out", "two");

    assertThat(root.resolve("b")).hasContent("one");
    assertThat(root.resolve("c")).as("the node has nothing above its root").hasContent("two");
    assertThat(Files.isSymbolicLink(root.resolve("data/kubelet/a"))).isTrue();
  }

  @Test
  void linksInACircleAreAnError() throws IOException {
    Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(root.resolve("b"), Path.of("a"));

    assertThatThrownBy(() -> files.read("/a")).isInstanceOf(IOException.class);
    assertThat(files.exists("/a")).isFalse();
  }

  @Test
  void aFileKeepsItsModeAndAllUsersCanReadANewOne() throws IOException {
    files.writePrivate("/etc/x", "1");
    files.write("/etc/x", "2");
    files.write("/etc/y", "1");

    assertThat(mode("etc/x")).isEqualTo("rw-------");
    assertThat(mode("etc/y")).isEqualTo("rw-r--r--");
    assertThat(files.read("/etc/x")).contains("2");
    assertThat(root.resolve("etc")).isDirectoryNotContaining("glob:**.criproxy");
  }

  private String mode(String path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
  }

  @Test
  void aFolderIsCopiedWithModesDatesAndLinks() throws IOException {
    Path source = Files.createDirectories(root.resolve("image/bin")).getParent();
    Path program = Files.writeString(source.resolve("bin/p"), "x");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setLastModifiedTime(program, FileTime.from(Instant.EPOCH));
    Files.createSymbolicLink(source.resolve("l"), Path.of("bin/p"));

    files.copyFolder(source, "/usr/lib/p");

    assertThat(mode("usr/lib/p/bin/p")).isEqualTo("rwxr-xr-x");
    assertThat(Files.getLastModifiedTime(root.resolve("usr/lib/p/bin/p")))
        .isEqualTo(FileTime.from(Instant.EPOCH));
    assertThat(root.resolve("usr/lib/p/l")).isSymbolicLink();
  }

  @Test
  void aLockIsExclusive() throws IOException {
    try (NodeFiles.Lock held = files.lock("/run/lock", "7").orElseThrow()) {
      assertThat(files.lock("/run/lock", "7")).isEmpty();
    }
    assertThat(files.lock("/run/lock", "7")).isPresent();
  }
}
