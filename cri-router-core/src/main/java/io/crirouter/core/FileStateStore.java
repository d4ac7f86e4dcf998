package io.crirouter.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** One small file: a line with the format, the boot id, a checksum, the state. Thread-safe. */
final class FileStateStore implements StateStore {
  private static final String TITLE = "cri-router state 2";
  private static final Pattern ANY_TITLE = Pattern.compile("cri-router state (\\d{1,9})");
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /** Many times what the largest node needs; a larger file was not written by this class. */
  private static final long MAX_BYTES = 64 << 20;

  private static final int HEADER_LINES = 3;
  private static final int CHUNK_BYTES = 64 << 10;

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path file;

  /** Writes one state after the other. */
  private final Executor serial;

  private final SaveListener listener;
  private final String bootId;
  private final Logger log;
  private ByteString pending = ByteString.EMPTY;
  private List<Runnable> waiting = new ArrayList<>();
  private boolean failing;

  FileStateStore(Path file, Executor executor, SaveListener listener, String bootId, Logger log) {
    this.file = file.toAbsolutePath();
    this.serial = MoreExecutors.newSequentialExecutor(executor);
    this.listener = listener;
    this.bootId = bootId;
    this.log = log;
  }

  /** The id of this boot of the machine; the same for all boots if the kernel has none. */
  static String bootId() {
    try {
      return Files.readString(BOOT_ID).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /**
   * Fails if the file cannot be kept, so that the start of the process fails and not the first
   * save.
   */
  void requireUsable() throws IOException {
    Path folder = file.getParent();
    if (folder == null) {
      throw unusable("it is a folder", null);
    }
    if (!Files.isDirectory(folder)) {
      boolean exists = Files.exists(folder);
      throw unusable(folder + (exists ? " is not" : " does not exist: create") + " a folder", null);
    }
    if (Files.exists(file, NOFOLLOW_LINKS)) {
      requireRegular();
    }
    try {
      // Permissions alone are no proof: the file system may be read-only, or not allow files.
      Files.delete(Files.createTempFile(folder, ".cri-router", ".try", OWNER_ONLY));
    } catch (IOException e) {
      throw unusable("no file can be created in the folder " + folder + ": " + reason(e), e);
    }
  }

  /** Opening anything else could follow a link or block forever. */
  private void requireRegular() throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
    if (found.isSymbolicLink()) {
      throw unusable("it is a symbolic link, which is not followed", null);
    }
    if (!found.isRegularFile()) {
      throw unusable("it is not a regular file", null);
    }
  }

  private IOException unusable(String why, @Nullable Exception cause) {
    return new IOException("cannot keep the state in " + file + ": " + why, cause);
  }

  /** The reason without the path, which the message has already. */
  private static String reason(Throwable failure) {
    if (failure instanceof FileSystemException e && e.getReason() != null) {
      return e.getReason();
    }
    return failure.toString();
  }

  @Override
  public Optional<ByteString> load() throws IOException {
    ByteBuffer content;
    try {
      requireRegular();
      content = read();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (!content.hasRemaining()) {
      // Never written by this class: the machine crashed before the content was on its disk.
      return Optional.empty();
    }
    return state(UnsafeByteOperations.unsafeWrap(content));
  }

  private ByteBuffer read() throws IOException {
    try (SeekableByteChannel channel =
        Files.newByteChannel(file, Set.of(StandardOpenOption.READ, NOFOLLOW_LINKS))) {
      long size = channel.size();
      if (size > MAX_BYTES) {
        throw setAside(".damaged", "it has " + size + " bytes, more than " + MAX_BYTES);
      }
      ByteBuffer content = ByteBuffer.allocate((int) size);
      while (content.hasRemaining() && channel.read(content) >= 0) {
        // More may come.
      }
      return content.flip();
    }
  }

  private Optional<ByteString> state(ByteString content) throws IOException {
    String[] header = new String[HEADER_LINES];
    int start = 0;
    for (int i = 0; i < HEADER_LINES; i++) {
      int end = start;
      while (end < content.size() && content.byteAt(end) != '\n') {
        end++;
      }
      header[i] = content.substring(start, end).toString(UTF_8);
      start = Math.min(end + 1, content.size());
    }
    Matcher title = ANY_TITLE.matcher(header[0]);
    if (!title.matches()) {
      throw setAside(".damaged", "it is not a state file of cri-router");
    }
    if (!header[0].equals(TITLE)) {
      String why = "its format is that of another version, '%s', while this one has '%s'";
      throw setAside(".version-" + title.group(1), why.formatted(header[0], TITLE));
    }
    if (!header[1].equals(bootId)) {
      return Optional.empty();
    }
    ByteString state = content.substring(start);
    if (!header[2].equals(checksum(state))) {
      throw setAside(".damaged", "its checksum is wrong");
    }
    return Optional.of(state);
  }

  private IOException setAside(String suffix, String why) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + suffix);
    Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
    return new IOException(file + " cannot be used: " + why + "; it is now " + aside);
  }

  @Override
  public void save(ByteString state, Runnable whenSaved) {
    synchronized (this) {
      pending = state;
      waiting.add(whenSaved);
    }
    try {
      serial.execute(this::writePending);
    } catch (RuntimeException | Error e) {
      end(take(), e);
    }
  }

  private void writePending() {
    Save save = take();
    if (save.waiting().isEmpty()) {
      return; // Written together with an earlier one.
    }
    Throwable failure = null;
    try {
      write(save.state());
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
    end(save, failure);
  }

  /** The newest state, and the callbacks that wait for it; none if it is written already. */
  private synchronized Save take() {
    Save save = new Save(pending, waiting);
    pending = ByteString.EMPTY;
    waiting = new ArrayList<>();
    return save;
  }

  private record Save(ByteString state, List<Runnable> waiting) {}

  private void end(Save save, @Nullable Throwable failure) {
    note(failure);
    runCallback(() -> listener.ended(save.state().size(), failure));
    save.waiting().forEach(this::runCallback);
  }

  private void runCallback(Runnable whenSaved) {
    try {
      whenSaved.run();
    } catch (RuntimeException | Error e) {
      log.log(Level.ERROR, "who is told that the state was saved failed", e);
    }
  }

  private synchronized void note(@Nullable Throwable failure) {
    if (failure != null && !failing) {
      String message = "cannot save the state to {0}: {1}; a restart forgets what is not saved";
      log.log(Level.ERROR, message, file, reason(failure));
    } else if (failure == null && failing) {
      log.log(Level.INFO, "the state is saved to {0} again", file);
    }
    failing = failure != null;
  }

  /** Writes a new file and renames it over the old one. */
  private void write(ByteString state) throws IOException {
    byte[] header = (TITLE + "\n" + bootId + "\n" + checksum(state) + "\n").getBytes(UTF_8);
    if (header.length + (long) state.size() > MAX_BYTES) {
      throw new IOException("it has " + state.size() + " bytes, more than can be loaded again");
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    // Left by a killed process, or created by an attacker.
    Files.deleteIfExists(fresh);
    try (OutputStream out = new BufferedOutputStream(create(fresh), CHUNK_BYTES)) {
      out.write(header);
      // A state has many small parts: buffer them instead of a system call for each.
      state.newInput().transferTo(out);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static OutputStream create(Path fresh) throws IOException {
    return Channels.newOutputStream(
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY));
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
