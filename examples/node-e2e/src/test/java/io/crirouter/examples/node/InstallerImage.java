package io.crirouter.examples.node;

import io.crirouter.examples.criproxy.CriProxy;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * The folder that the tar.gz of criproxy unpacks to, but made of what this test runs with: the Java
 * runtime is a link to this one, and no class archive is in it.
 */
final class InstallerImage {
  private static final Path CRIPROXY = Path.of("../criproxy").toAbsolutePath().normalize();
  private static final Path JAVA = Path.of(System.getProperty("java.home"));

  private final Path folder;

  private InstallerImage(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes it.
   *
   * @param folder which is not there yet
   * @param version that it says it has
   */
  static InstallerImage create(Path folder, String version) throws IOException {
    Path launcher = Files.createDirectories(folder.resolve("bin")).resolve("criproxy");
    Files.copy(CRIPROXY.resolve("dist/criproxy"), launcher);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path share = Files.createDirectory(folder.resolve("share"));
    for (String file :
        List.of(
            "dist/criproxy.service",
            "dist/criproxy.default",
            "src/main/resources/io/crirouter/examples/criproxy/bootstrap/criproxy.yaml")) {
      Path source = CRIPROXY.resolve(file);
      Files.copy(source, share.resolve(source.getFileName()));
    }
    Path lib = Files.createDirectory(folder.resolve("lib"));
    Files.copy(CRIPROXY.resolve("bin/jvm.options"), lib.resolve("jvm.options"));
    Files.createSymbolicLink(folder.resolve("runtime"), JAVA);
    writeJars(folder, version);
    return new InstallerImage(folder);
  }

  private static void writeJars(Path folder, String version) throws IOException {
    Path own =
        Path.of(CriProxy.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    List<String> libraries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry).toAbsolutePath();
      if (Files.exists(path) && !Files.isSameFile(path, own)) {
        String jar = "lib/" + libraries.size() + ".jar";
        libraries.add(jar);
        if (Files.isDirectory(path)) {
          pack(path, folder.resolve(jar), manifest());
        } else {
          Files.copy(path, folder.resolve(jar));
        }
      }
    }
    Path classes = Files.isDirectory(own) ? own : Path.of("../criproxy/target/classes");
    Manifest manifest = manifest();
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, CriProxy.class.getName());
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", libraries));
    pack(classes, folder.resolve("criproxy.jar"), manifest);
  }

  private static Manifest manifest() {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    return manifest;
  }

  private static void pack(Path classes, Path jar, Manifest manifest) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(file, manifest);
        Stream<Path> all = Files.walk(classes)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        String name = classes.relativize(path).toString();
        if (!name.equals("META-INF/MANIFEST.MF")) {
          entries.putNextEntry(new JarEntry(name));
          Files.copy(path, entries);
        }
      }
    }
  }

  Path folder() {
    return folder;
  }

  /** The folders of this machine without which it does not run in a container. */
  static List<String> needed() throws IOException {
    TreeSet<String> folders = new TreeSet<>(List.of("/usr", "/lib"));
    if (Files.exists(Path.of("/lib64"))) {
      folders.add("/lib64");
    }
    // Distributions keep Java's settings in /etc.
    Path settings = JAVA.resolve("conf/logging.properties").toRealPath().getParent();
    for (Path path : List.of(JAVA, settings)) {
      if (folders.stream().noneMatch(path::startsWith)) {
        folders.add(path.toString());
      }
    }
    return List.copyOf(folders);
  }
}
