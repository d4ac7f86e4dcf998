package org.example.vm;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;

/** A program that runs until its process is stopped. */
interface Program {
  /** Runs until it is interrupted, and closes its resources then. */
  void run() throws IOException, InterruptedException;

  /** Runs a program on this thread, and interrupts it at the shutdown of the JVM. */
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
