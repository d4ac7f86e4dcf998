package io.crirouter.core;

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
        public void save(ByteString state) {}

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
   * Of several states in a row only the last needs to survive, but some whole one always must, also
   * if the process is killed at any moment.
   */
  void save(ByteString state);

  /**
   * A file that is replaced as a whole and checked when it is read. A damaged one is moved aside.
   *
   * @param file its folder must exist
   * @param executor runs the writing; may block
   */
  static StateStore file(Path file, Executor executor) {
    return new FileStateStore(file, executor, FileStateStore.bootId());
  }
}
