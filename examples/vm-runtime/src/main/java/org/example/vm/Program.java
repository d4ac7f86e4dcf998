package org.example.vm;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;

/** What a process does until it is told to stop. */
interface Program {
  /** Runs until it is interrupted, and closes what it has opened then. */
  void run() throws IOException, InterruptedException;

  /** Runs a program on this thread, and interrupts it when the process is to end. */
  static void untilStopped(Program program) throws IOException {
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  main.interrupt();
                  Uninterruptibles.joinUninterruptibly(main);
                }));
    try {
      program.run();
    } catch (InterruptedException e) {
      System.err.println("stopped; the VMs run on");
    }
  }
}
