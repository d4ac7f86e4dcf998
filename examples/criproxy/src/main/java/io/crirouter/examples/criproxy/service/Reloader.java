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
 * Lets a service read its configuration again when it is asked to, or when the file has changed and
 * has then been left alone for a second.
 */
public final class Reloader implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** A look costs two system calls. */
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final ConfigSource source;
  private final Optional<Path> file;
  private final Systemd systemd;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(Reloader::thread);

  /** Used by the one thread of {@link #executor}, after the start. */
  private Optional<FileSignature> loaded;

  private Optional<FileSignature> seen;
  private @Nullable ProxyService service;
  private boolean isWanted;

  /**
   * Make it before the first configuration is read: what changes after that is a change.
   *
   * @param source the configuration
   * @param file what {@code source} reads, if that is a file
   * @param systemd hears of each attempt
   */
  public Reloader(ConfigSource source, Optional<Path> file, Systemd systemd) {
    this.systemd = systemd;
    this.source = source;
    this.file = file;
    this.loaded = file.flatMap(FileSignature::of);
    this.seen = loaded;
  }

  /** Watches from now on, and does what was asked for before. */
  public void start(ProxyService started) {
    executor.execute(
        () -> {
          service = started;
          if (isWanted) {
            apply(started);
          }
        });
    if (file.isPresent()) {
      var unused =
          executor.scheduleWithFixedDelay(
              () -> look(started, file.get()),
              PERIOD.toMillis(),
              PERIOD.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }

  /** Reads the configuration again, in the background; after the start if that is to come. */
  public void reload() {
    try {
      executor.execute(this::applyOrWait);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.INFO, "the configuration is not read again: stopping");
    }
  }

  private void applyOrWait() {
    ProxyService started = service;
    if (started == null) {
      isWanted = true;
    } else {
      apply(started);
    }
  }

  private void look(ProxyService started, Path path) {
    Optional<FileSignature> now = FileSignature.of(path);
    boolean isStable = now.equals(seen);
    seen = now;
    // A file that is gone is about to be replaced, or its removal is a mistake.
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
      LOG.log(System.Logger.Level.ERROR, "the configuration was not read again", e);
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "criproxy-reload");
    thread.setDaemon(true);
    return thread;
  }

  /** Gives up what is not applied yet. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      // It only waits for runtimes, which is interrupted.
      boolean unused = executor.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
