package io.crirouter.examples.criproxy.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Notifies systemd of the state of the service, as sd_notify(3) does: one datagram for each
 * message. Does nothing if systemd has set no NOTIFY_SOCKET. Thread-safe; never blocks.
 */
public final class Systemd {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");
  private static final long NANOS_PER_MICRO = 1000;

  /** The notify socket in the kernel's form; null if there is none. */
  private final byte @Nullable [] address;

  private final Optional<Duration> watchdog;
  private final AtomicBoolean isFailing = new AtomicBoolean();

  private Systemd(byte @Nullable [] address, Optional<Duration> watchdog) {
    this.address = address;
    this.watchdog = watchdog;
  }

  /**
   * Reads the environment that systemd has set.
   *
   * @param environment has NOTIFY_SOCKET, and WATCHDOG_USEC and WATCHDOG_PID if there is a watchdog
   * @param pid the id of this process; a watchdog of another process is ignored
   */
  public static Systemd of(Map<String, String> environment, long pid) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    boolean isEnabled = (socket.startsWith("/") || socket.startsWith("@")) && Epoll.isAvailable();
    return new Systemd(
        // An abstract socket's name begins with a zero.
        isEnabled ? socket.replaceFirst("^@", "\0").getBytes(UTF_8) : null,
        isEnabled ? watchdog(environment, pid) : Optional.empty());
  }

  private static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
    String watched = environment.getOrDefault("WATCHDOG_PID", "");
    if (!watched.isEmpty() && !watched.equals(Long.toString(pid))) {
      return Optional.empty();
    }
    try {
      long micros = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
      return micros > 0
          ? Optional.of(Duration.ofNanos(micros * NANOS_PER_MICRO))
          : Optional.empty();
    } catch (NumberFormatException e) {
      LOG.log(System.Logger.Level.WARNING, "no watchdog: WATCHDOG_USEC is not a number");
      return Optional.empty();
    }
  }

  /** Whether systemd has started this process, or a predecessor of it, as a service. */
  public boolean isEnabled() {
    return address != null;
  }

  /** The service is ready. */
  public void ready(String status) {
    send("READY=1\nSTATUS=" + oneLine(status));
  }

  /** The service reloads its configuration. {@link #ready} must follow. */
  public void reloading() {
    // System.nanoTime is CLOCK_MONOTONIC, which systemd expects.
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / NANOS_PER_MICRO);
  }

  /**
   * The service is stopping.
   *
   * @param limit how long that may take
   */
  public void stopping(Duration limit) {
    send(
        "STOPPING=1\nEXTEND_TIMEOUT_USEC="
            + limit.toNanos() / NANOS_PER_MICRO
            + "\nSTATUS=stopping: waiting for running calls");
  }

  /** Another process is the main process of the service from now on. */
  public void mainProcess(long pid) {
    send("MAINPID=" + pid);
  }

  /**
   * Sends keep-alives to the watchdog from now on, by tasks of {@code scheduler}. If they stop
   * because the event loop hangs, systemd restarts the service.
   *
   * @return stops the keep-alives
   */
  public Cancellable watch(Scheduler scheduler) {
    if (watchdog.isEmpty()) {
      return () -> {};
    }
    AtomicBoolean isCancelled = new AtomicBoolean();
    scheduleKeepAlive(scheduler, watchdog.get().dividedBy(3), isCancelled);
    return () -> isCancelled.set(true);
  }

  private void scheduleKeepAlive(Scheduler scheduler, Duration period, AtomicBoolean isCancelled) {
    try {
      Cancellable unused =
          scheduler.schedule(
              period,
              () -> {
                if (!isCancelled.get()) {
                  send("WATCHDOG=1");
                  scheduleKeepAlive(scheduler, period, isCancelled);
                }
              });
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "no more watchdog keep-alives: the proxy is stopping");
    }
  }

  private static String oneLine(String text) {
    return text.replace('\n', ' ');
  }

  private void send(String message) {
    if (address == null) {
      return;
    }
    byte[] bytes = message.getBytes(UTF_8);
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    Socket socket = null;
    try {
      socket = Socket.newSocketDomainDgram();
      int unused = socket.sendToDomainSocket(buffer, 0, bytes.length, address);
      isFailing.set(false);
    } catch (IOException e) {
      if (!isFailing.getAndSet(true)) {
        LOG.log(System.Logger.Level.WARNING, "cannot notify systemd: {0}", e.getMessage());
      }
    } finally {
      close(socket);
    }
  }

  private static void close(@Nullable Socket socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "cannot close the socket to systemd", e);
    }
  }
}
