package org.example.vm;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** A machine that runs, or ran until a moment ago. It goes on when the runtime ends. */
interface Machine extends AutoCloseable {
  /** Presses the power button. A guest that does not listen goes on. */
  void powerDown() throws IOException;

  /** Ends it at once. {@link #end} tells when that has happened. */
  void kill();

  /** Completes when the machine is gone. */
  CompletableFuture<End> end();

  /** The process. */
  long pid();

  /** Lets go of the machine, which runs on. */
  @Override
  void close();

  /** How a machine came to its end. */
  enum End {
    /** The guest has switched it off. */
    POWERED_OFF(0, "Completed", ""),
    /** The guest has restarted it, or its kernel has panicked: a pod's policy says what is next. */
    RESET(1, "Error", "the guest has restarted or panicked"),
    /** {@link #kill}, or somebody else's. */
    KILLED(137, "Error", "QEMU was killed"),
    /** It ended while the runtime was away. */
    UNSEEN(255, "Unknown", "the machine ended while the runtime was away");

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
