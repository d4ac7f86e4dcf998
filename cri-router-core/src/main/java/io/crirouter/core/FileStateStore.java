package io.crirouter.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One small file: a line that says what it is, the boot in which it was written, a checksum, the
 * state. Thread-safe.
 */
final class FileStateStore implements StateStore {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final String TITLE = "cri-router state 1";
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path file;
  private final Executor executor;
  private final String bootId;
  private @Nullable ByteString pending;
  private boolean writing;

  FileStateStore(Path file, Executor executor, String bootId) {
    this.file = file;
    this.executor = executor;
    this.bootId = bootId;
  }

  /** What tells one boot of the machine from another; the same for all if the kernel says none. */
  static String bootId() {
    try {
      return Files.readString(BOOT_ID).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  @Override
  public Optional<ByteString> load() throws IOException {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    ByteString all = ByteString.copyFrom(content);
    int headerEnd = endOfHeader(content);
    String[] header = new String(content, 0, headerEnd, UTF_8).split("\n", -1);
    if (header.length != 4 || !header[0].equals(TITLE)) {
      throw damaged("it is not a state file of cri-router");
    }
    ByteString state = all.substring(headerEnd);
    if (!header[2].equals(checksum(state))) {
      throw damaged("its checksum is wrong");
    }
    return header[1].equals(bootId) ? Optional.of(state) : Optional.empty();
  }

  /** Behind the third line end; 0 if there are not so many. */
  private static int endOfHeader(byte[] content) {
    int lines = 0;
    for (int i = 0; i < content.length; i++) {
      if (content[i] == '\n' && ++lines == 3) {
        return i + 1;
      }
    }
    return 0;
  }

  private IOException damaged(String why) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".damaged");
    Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    return new IOException(file + " cannot be used: " + why + "; it is now " + aside);
  }

  @Override
  public void save(ByteString state) {
    synchronized (this) {
      pending = state;
      if (writing) {
        return;
      }
      writing = true;
    }
    executor.execute(this::writeAll);
  }

  private void writeAll() {
    ByteString state = next();
    while (state != null) {
      try {
        write(state);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.ERROR, "cannot save the state to " + file, e);
      }
      state = next();
    }
  }

  private synchronized @Nullable ByteString next() {
    ByteString state = pending;
    pending = null;
    writing = state != null;
    return state;
  }

  /** Writes a new file beside the old one, makes sure it is on the disk, and swaps them. */
  private void write(ByteString state) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    ByteString header =
        ByteString.copyFromUtf8(TITLE + "\n" + bootId + "\n" + checksum(state) + "\n");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (ByteBuffer part : header.concat(state).asReadOnlyByteBufferList()) {
        while (part.hasRemaining()) {
          channel.write(part);
        }
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String checksum(ByteString state) {
    CRC32 crc = new CRC32();
    state.asReadOnlyByteBufferList().forEach(crc::update);
    return Long.toHexString(crc.getValue());
  }

  @Override
  public String toString() {
    return "state file " + file;
  }
}
