package io.crirouter.core.internal.routing;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Remembers which backends got image calls for a pod recently, by image. A kubelet also makes calls
 * about the same image without a pod, for example to learn the image's user; they go to the same
 * backend. Thread-safe; keeps the last {@value #MAX_IMAGES} names, which {@link ImageRequest}
 * bounds.
 */
public final class ImageHints {
  /** How long a hint is valid after its call has ended. */
  private static final long LIFETIME_NANOS = 30_000_000_000L;

  private static final int MAX_IMAGES = 1024;

  private final Scheduler scheduler;
  private final Cache<String, List<Hint>> byImage =
      CacheBuilder.newBuilder().concurrencyLevel(1).maximumSize(MAX_IMAGES).build();

  /** One backend's hint for one image. */
  private static final class Hint {
    private final Backend backend;
    private int running;
    private long endedAt;

    Hint(Backend backend) {
      this.backend = backend;
    }
  }

  /** No hints yet. */
  public ImageHints(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * Called when a call for a pod about {@code image} is sent to {@code backend}.
   *
   * @return to be run once when the call ends
   */
  public synchronized Runnable begin(String image, Backend backend) {
    Hint hint = hint(normalise(image), backend);
    hint.running++;
    return () -> end(hint);
  }

  private Hint hint(String image, Backend backend) {
    List<Hint> hints = byImage.asMap().computeIfAbsent(image, key -> new ArrayList<>());
    for (Hint known : hints) {
      if (known.backend == backend) {
        return known;
      }
    }
    Hint fresh = new Hint(backend);
    hints.add(fresh);
    return fresh;
  }

  private synchronized void end(Hint hint) {
    hint.running--;
    hint.endedAt = scheduler.nanoTime();
  }

  /** Drops the hints for a backend that was removed. */
  public synchronized void forget(Backend backend) {
    byImage.asMap().values().forEach(hints -> hints.removeIf(hint -> hint.backend == backend));
    byImage.asMap().values().removeIf(List::isEmpty);
  }

  /** The backends with a valid hint for the image, oldest first. */
  public synchronized Set<Backend> backends(String image) {
    Set<Backend> backends = new LinkedHashSet<>();
    List<Hint> hints = byImage.getIfPresent(normalise(image));
    for (Hint hint : hints == null ? List.<Hint>of() : hints) {
      boolean counts = hint.running > 0 || scheduler.nanoTime() - hint.endedAt <= LIFETIME_NANOS;
      if (counts && !hint.backend.isRemoved()) {
        backends.add(hint.backend);
      }
    }
    return backends;
  }

  /** Calls for a pod have {@code :latest} appended to a name without tag, others do not. */
  private static String normalise(String image) {
    String last = image.substring(image.lastIndexOf('/') + 1);
    boolean complete = last.isEmpty() || last.indexOf(':') >= 0 || last.indexOf('@') >= 0;
    return complete ? image : image + ":latest";
  }
}
