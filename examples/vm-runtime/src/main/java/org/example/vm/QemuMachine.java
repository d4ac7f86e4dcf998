package org.example.vm;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * A QEMU process. It stays paused after the guest has powered off, so that a runtime that was down
 * can still find the reason. The runtime records the reason and makes QEMU quit.
 */
final class QemuMachine implements Machine {
  private static final System.Logger LOG = System.getLogger(QemuMachine.class.getName());
  private static final Duration QUIT = Duration.ofSeconds(5);
  private static final Duration POLL_PERIOD = Duration.ofMillis(20);

  private final ProcessHandle process;
  private final CompletableFuture<End> end = new CompletableFuture<>();
  private final Qmp qmp;
  private End recorded;
  private volatile boolean detached;

  private QemuMachine(ProcessHandle process, Path socket) throws IOException {
    this.process = process;
    this.qmp = Qmp.connect(socket, this::onEvent, this::onMonitorEnd);
  }

  /** Connects to a process that runs, or whose guest has powered off. */
  static QemuMachine connect(ProcessHandle process, Path socket) throws IOException {
    QemuMachine machine = new QemuMachine(process, socket);
    try {
      machine.qmp.execute("qmp_capabilities");
      String status = machine.qmp.execute("query-status").get("status").getAsString();
      if (status.equals("shutdown") || status.equals("guest-panicked")) {
        machine.recordEnd(End.UNSEEN);
        machine.quit();
      }
      return machine;
    } catch (IOException | RuntimeException e) {
      machine.close();
      throw e;
    }
  }

  private void onEvent(JsonObject event) {
    if (!event.get("event").getAsString().equals("SHUTDOWN")) {
      return;
    }
    String reason = event.getAsJsonObject("data").get("reason").getAsString();
    recordEnd(
        switch (reason) {
          case "guest-shutdown" -> End.POWERED_OFF;
          case "guest-reset", "guest-panic" -> End.RESET;
          default -> End.KILLED;
        });
    if (reason.startsWith("guest-")) {
      Thread quit = new Thread(this::quit, "vm-runtime-quit"); // this thread reads the answer
      quit.setDaemon(true);
      quit.start();
    }
  }

  /** Records the first reason only: QEMU also reports its own quit. */
  private synchronized void recordEnd(End how) {
    if (recorded == null) {
      recorded = how;
    }
  }

  private void quit() {
    try {
      qmp.execute("quit");
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "QEMU " + process.pid() + " is gone or hangs", e);
    }
  }

  private void onMonitorEnd() {
    if (detached) {
      return;
    }
    long deadline = System.nanoTime() + QUIT.toNanos();
    while (!isGone(process.pid())) {
      if (System.nanoTime() - deadline > 0) {
        process.destroyForcibly();
      }
      LockSupport.parkNanos(POLL_PERIOD.toNanos());
    }
    recordEnd(End.KILLED);
    end.complete(recorded);
  }

  /** Whether a process has ended. It may be a zombie that its parent has not reaped yet. */
  static boolean isGone(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
      return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void powerDown() throws IOException {
    qmp.execute("system_powerdown");
  }

  @Override
  public void kill() {
    process.destroyForcibly();
  }

  @Override
  public CompletableFuture<End> end() {
    return end;
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    detached = true;
    try {
      qmp.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the monitor does not close", e);
    }
  }
}
