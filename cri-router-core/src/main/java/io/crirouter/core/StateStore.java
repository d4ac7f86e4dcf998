package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Keeps what the router must not forget when it restarts while a runtime is away: what each runtime
 * had, where pods were placed, the last runtime config. The content is the router's business; a
 * store keeps bytes.
 */
public interface StateStore {
  /** Keeps nothing: after a restart, a runtime that is away has nothing until it is back. */
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
   * What was saved last. Called once, when the router is built; may block.
   *
   * @return empty if nothing was saved, or only before the machine was booted last
   * @throws IOException if there is something that cannot be read or was damaged; the router
   *     reports it and begins anew
   */
  Optional<ByteString> load() throws IOException;

  /**
   * Keeps {@code state} in place of all before. Called on event loops: must not block, nor throw.
   * Of several states in a row only the last needs to be written, but some whole one must survive
   * if the process is killed at any moment.
   *
   * @param whenSaved to be run exactly once, on any thread, also before this method returns: when
   *     this state or a newer one will be found by {@link #load} after the process was killed, or
   *     when saving has failed. It says nothing of success, since what waits for it must go on
   *     while a store fails: a pod starts all the same on a node whose disk is full. Reporting the
   *     failure is the store's business. It does not block, nor throw.
   */
  void save(ByteString state, Runnable whenSaved);

  /**
   * A file that is replaced as a whole and checked when it is read. One that is damaged, or of
   * another version's format, is moved aside. Only its owner may read it, at any moment, and it is
   * never written or read through a symbolic link.
   *
   * <p>It survives the death of the process, not that of the machine: what was saved before the
   * last boot is not loaded, since no container of that time runs any more. So nothing waits for
   * the disk (there is no fsync).
   *
   * <p>A failed save is logged as an error, once until the next one succeeds, and is not tried
   * again: the next state has everything.
   *
   * @param file its folder must exist, be writable, and be nobody else's to write to
   * @param executor runs the writing; may block. It must run what it accepts
   * @throws IOException if no file can be kept there; the message says why
   */
  static StateStore file(Path file, Executor executor) throws IOException {
    FileStateStore store =
        new FileStateStore(
            requireNonNull(file, "file"),
            requireNonNull(executor, "executor"),
            FileStateStore.bootId(),
            System.getLogger("io.crirouter"));
    store.requireUsable();
    return store;
  }
}
