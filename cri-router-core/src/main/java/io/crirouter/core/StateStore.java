package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the state that the router needs after a restart while a runtime is not reachable: the last
 * known state of each runtime, which includes the placement of pods, and the last runtime config. A
 * store keeps bytes and does not interpret them.
 */
public interface StateStore {
  /**
   * Keeps nothing: after a restart, the pods of a runtime that is not reachable are not listed
   * until it is.
   */
  StateStore NONE =
      new StateStore() {
        @Override
        public Optional<ByteString> load() {
          return Optional.empty();
        }

        @Override
        public void save(ByteString state, Runnable whenSaved) {
          whenSaved.run();
        }

        @Override
        public String toString() {
          return "no state store";
        }
      };

  /**
   * Loads the last saved state. Called once, when the router is built; may block.
   *
   * @return empty if nothing was saved, or only before the machine was booted last
   * @throws IOException if the state cannot be read or is damaged; the router logs it and starts
   *     without
   */
  Optional<ByteString> load() throws IOException;

  /**
   * Replaces the saved state. Called on event loops: must neither block nor throw. Of several
   * states in a row only the last needs to be written, but a complete one must survive if the
   * process is killed at any moment.
   *
   * @param whenSaved to be run exactly once, on any thread, perhaps before this method returns:
   *     when {@link #load} would find this state or a newer one after the process was killed, or
   *     when saving has failed. It does not indicate success, because callers must go on while a
   *     store fails: a pod must start on a node whose disk is full. The store reports its failures
   *     itself. It neither blocks nor throws.
   */
  void save(ByteString state, Runnable whenSaved);

  /**
   * A file that is replaced as a whole and checked when it is read. One that is damaged, or of
   * another version's format, is moved aside. Only its owner may read it, at any moment, and it is
   * never written or read through a symbolic link.
   *
   * <p>It survives the end of the process, but not a crash of the machine: a state from before the
   * last boot is not loaded, because no container of that time still runs. So there is no fsync.
   *
   * <p>A failed save is logged as an error, once until a save succeeds. It is not tried again,
   * because the next state is complete.
   *
   * @param file its folder must exist and be writable by nobody else
   * @param executor runs the writing; may block. It must run what it accepts
   * @throws IOException if no file can be kept there; the message says why
   */
  static StateStore file(Path file, Executor executor) throws IOException {
    return file(file, executor, (bytes, failure) -> {});
  }

  /**
   * The same with a listener.
   *
   * @param listener sees how each save ends
   * @throws IOException if no file can be kept there; the message says why
   */
  static StateStore file(Path file, Executor executor, SaveListener listener) throws IOException {
    FileStateStore store =
        new FileStateStore(
            requireNonNull(file, "file"),
            requireNonNull(executor, "executor"),
            requireNonNull(listener, "listener"),
            FileStateStore.bootId(),
            System.getLogger("io.crirouter"));
    store.requireUsable();
    return store;
  }

  /**
   * Sees how the saves of a {@link #file} end, for metrics. Called on its executor, for one save
   * after the other, before those who wait for it are told. Must not throw.
   */
  @FunctionalInterface
  interface SaveListener {
    /**
     * A save has ended.
     *
     * @param bytes the size of the state
     * @param failure why it is not saved; null if it is
     */
    void ended(int bytes, @Nullable Throwable failure);
  }
}
