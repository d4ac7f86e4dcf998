package org.example.vm;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A machine that runs or has just ended. It outlives the runtime. */
interface Machine extends AutoCloseable {
  /** Presses the power button, which a guest may ignore. */
  void powerDown() throws IOException;

  /** Kills it. {@link #end} completes when it has ended. */
  void kill();

  /** Completes when the machine has ended. */
  CompletableFuture<End> end();

  /** The process id. */
  long pid();

  /** Disconnects from the machine, which runs on. */
  @Override
  void close();

  /** The ways in which a machine ends. */
  enum End {
    /** The guest has powered off. */
    POWERED_OFF(0, "Completed", ""),
    /** The guest has restarted or panicked. The pod's restart policy applies. */
    RESET(1, "Error", "the guest has restarted or panicked"),
    /** Its process was killed. */
    KILLED(137, "Error", "QEMU was killed"),
    /** It has ended while the runtime was down. */
    UNSEEN(255, "Unknown", "the machine ended while the runtime was down");

    final int exitCode;
    final String reason;
    final String message;

    End(int exitCode, String reason, String message) {
      this.exitCode = exitCode;
      this.reason = reason;
      this.message = message;
    }
  }
}
