import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/**
 * Removes the debug attributes from the classes of jars, as jlink does from those of the JDK: names of
 * local variables and line numbers. dist/build runs it as a single source file.
 *
 * <p>Arguments: the jars, which are replaced. All their entries get the same date.
 */
final class StripDebug {
  /** The earliest date of a jar entry. */
  private static final long DATE = 315_532_800_000L + 86_400_000L;

  private StripDebug() {}

  public static void main(String[] jars) throws IOException {
    for (String jar : jars) {
      Path path = Path.of(jar);
      Path stripped = path.resolveSibling(path.getFileName() + ".new");
      strip(path, stripped);
      Files.move(stripped, path, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void strip(Path from, Path to) throws IOException {
    try (ZipFile in = new ZipFile(from.toFile());
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream out = new ZipOutputStream(file)) {
      out.setLevel(Deflater.BEST_COMPRESSION);
      List<? extends ZipEntry> entries = Collections.list(in.entries());
      for (ZipEntry entry : entries) {
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTime(DATE);
        out.putNextEntry(copy);
        byte[] content = in.getInputStream(entry).readAllBytes();
        out.write(isClass(entry.getName()) ? withoutDebug(content) : content);
        out.closeEntry();
      }
    }
  }

  private static boolean isClass(String name) {
    return name.endsWith(".class") && !name.endsWith("module-info.class");
  }

  private static byte[] withoutDebug(byte[] classFile) {
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(classFile).accept(writer, ClassReader.SKIP_DEBUG);
    return writer.toByteArray();
  }
}
