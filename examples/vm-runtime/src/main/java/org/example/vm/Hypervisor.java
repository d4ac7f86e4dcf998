package org.example.vm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Boots machines, and finds machines of a former runtime. */
interface Hypervisor {
  /** Why machines cannot be booted here; empty if they can. */
  Optional<String> reasonNotReady();

  /**
   * Boots a machine.
   *
   * @throws IOException if it does not run, with the reason; all its parts are removed then
   */
  Machine boot(MachineSpec spec) throws IOException, InterruptedException;

  /**
   * Finds the running machine of a container, booted by this runtime or a former one.
   *
   * @param folder the folder of its {@link MachineSpec}
   */
  Optional<Machine> find(String id, Path folder) throws IOException;
}
