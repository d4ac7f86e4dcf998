package io.crirouter.examples.criproxy.service;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reloads the configuration of a service on request, and when the file has changed and has then
 * been unchanged for a second. Thread-safe.
 */
public final class Reloader implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** The period between two checks of the file. A check costs two system calls. */
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final ConfigSource source;
  private final Optional<Path> file;
  private final Systemd systemd;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(Reloader::thread);

  // After the start, these fields are confined to the thread of the executor.
  private Optional<FileSignature> loaded;
  private Optional<FileSignature> seen;
  private @Nullable ProxyService service;
  private boolean isReloadPending;

  /**
   * Create this before the configuration is first read, so that no later change is missed.
   *
   * @param source the configuration
   * @param file the file that {@code source} reads, if it reads one
   * @param systemd is notified of each reload
   */
  public Reloader(ConfigSource source, Optional<Path> file, Systemd systemd) {
    this.systemd = systemd;
    this.source = source;
    this.file = file;
    this.loaded = file.flatMap(FileSignature::of);
    this.seen = loaded;
  }

  /** Starts to watch the file. A reload that was requested before is done now. */
  public void start(ProxyService started) {
    executor.execute(
        () -> {
          service = started;
          if (isReloadPending) {
            apply(started);
          }
        });
    if (file.isPresent()) {
      var unused =
          executor.scheduleWithFixedDelay(
              () -> checkFile(started, file.get()),
              PERIOD.toMillis(),
              PERIOD.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }

  /** Reloads the configuration in the background, or after {@link #start} if that is to come. */
  public void reload() {
    try {
      executor.execute(this::applyOrWait);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.INFO, "no reload of the configuration: the proxy is stopping");
    }
  }

  private void applyOrWait() {
    ProxyService started = service;
    if (started == null) {
      isReloadPending = true;
    } else {
      apply(started);
    }
  }

  private void checkFile(ProxyService started, Path path) {
    Optional<FileSignature> now = FileSignature.of(path);
    boolean isStable = now.equals(seen);
    seen = now;
    // A missing file is ignored: it is about to be replaced, or was removed by mistake.
    if (isStable && now.isPresent() && !now.equals(loaded)) {
      apply(started);
    }
  }

  private void apply(ProxyService started) {
    try {
      loaded = file.flatMap(FileSignature::of);
      systemd.reloading();
      systemd.ready(started.reload(source).message());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "the reload of the configuration failed", e);
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "criproxy-reload");
    thread.setDaemon(true);
    return thread;
  }

  /** Stops to watch. A reload that is not applied yet is given up. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      // A reload waits for runtimes only, and that wait is interrupted.
      boolean unused = executor.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
