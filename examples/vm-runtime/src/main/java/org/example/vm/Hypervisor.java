package org.example.vm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Boots machines, and finds them again. */
interface Hypervisor {
  /** Why machines cannot be booted here; empty if they can. */
  Optional<String> reasonNotReady();

  /**
   * Boots a machine.
   *
   * @throws IOException if it does not run, with the reason; nothing is left of it then
   */
  Machine boot(MachineSpec spec) throws IOException, InterruptedException;

  /**
   * The machine that was booted for a container and still runs, by this runtime or one before it.
   *
   * @param folder that of its {@link MachineSpec}
   */
  Optional<Machine> find(String id, Path folder) throws IOException;
}
