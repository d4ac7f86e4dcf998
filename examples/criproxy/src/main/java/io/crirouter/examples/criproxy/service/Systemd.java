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
 * Tells systemd how the service is, as sd_notify(3) does: one datagram for each message. Does
 * nothing where systemd does not ask for it. Thread-safe; never blocks.
 */
public final class Systemd {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");
  private static final long NANOS_PER_MICRO = 1000;

  /** Where messages go, as the kernel wants it; null if nobody asks. */
  private final byte @Nullable [] address;

  private final Optional<Duration> watchdog;
  private final AtomicBoolean isFailing = new AtomicBoolean();

  private Systemd(byte @Nullable [] address, Optional<Duration> watchdog) {
    this.address = address;
    this.watchdog = watchdog;
  }

  /**
   * What systemd asks for in the environment of a process.
   *
   * @param environment has NOTIFY_SOCKET, and WATCHDOG_USEC and WATCHDOG_PID if there is a watchdog
   * @param pid of this process; the watchdog of another one is not ours
   */
  public static Systemd of(Map<String, String> environment, long pid) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    boolean isAsked = (socket.startsWith("/") || socket.startsWith("@")) && Epoll.isAvailable();
    return new Systemd(
        // An abstract socket's name begins with a zero.
        isAsked ? socket.replaceFirst("^@", "\0").getBytes(UTF_8) : null,
        isAsked ? watchdog(environment, pid) : Optional.empty());
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
      LOG.log(System.Logger.Level.WARNING, "WATCHDOG_USEC is no number: no watchdog");
      return Optional.empty();
    }
  }

  /** Whether this process is, or was, a service of systemd. */
  public boolean isAsking() {
    return address != null;
  }

  /** The service serves. */
  public void ready(String status) {
    send("READY=1\nSTATUS=" + oneLine(status));
  }

  /** The service reads its configuration again; {@link #ready} follows. */
  public void reloading() {
    // systemd compares it with CLOCK_MONOTONIC, which this is.
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / NANOS_PER_MICRO);
  }

  /**
   * The service ends.
   *
   * @param limit how long that may take
   */
  public void stopping(Duration limit) {
    send(
        "STOPPING=1\nEXTEND_TIMEOUT_USEC="
            + limit.toNanos() / NANOS_PER_MICRO
            + "\nSTATUS=finishing the calls that run");
  }

  /** Another process is the service from now on. */
  public void mainProcess(long pid) {
    send("MAINPID=" + pid);
  }

  /**
   * Keeps the watchdog content from now on, by tasks of {@code scheduler}: where these do not run
   * any more, the service hangs, and systemd starts it again.
   *
   * @return ends it
   */
  public Cancellable watch(Scheduler scheduler) {
    if (watchdog.isEmpty()) {
      return () -> {};
    }
    AtomicBoolean isOver = new AtomicBoolean();
    feed(scheduler, watchdog.get().dividedBy(3), isOver);
    return () -> isOver.set(true);
  }

  private void feed(Scheduler scheduler, Duration period, AtomicBoolean isOver) {
    try {
      Cancellable unused =
          scheduler.schedule(
              period,
              () -> {
                if (!isOver.get()) {
                  send("WATCHDOG=1");
                  feed(scheduler, period, isOver);
                }
              });
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "the watchdog is left alone: stopping");
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
        LOG.log(System.Logger.Level.WARNING, "cannot tell systemd: {0}", e.getMessage());
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
