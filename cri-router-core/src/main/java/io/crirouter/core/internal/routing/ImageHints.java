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
 * Remembers for which backend a kubelet last asked about an image on a pod's behalf. Some of its
 * calls about the same image a moment later do not say for which pod they are: the one that learns
 * the image's user is such a call. Thread-safe; holds the last {@value #MAX_IMAGES} names.
 */
public final class ImageHints {
  /** How long a hint counts after the call that gave it has ended. */
  private static final long LIFETIME_NANOS = 30_000_000_000L;

  private static final int MAX_IMAGES = 1024;
  private static final int MAX_NAME_LENGTH = 4096;

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
   * A call about {@code image} begins at {@code backend}.
   *
   * @return to be run once when it ends
   */
  public synchronized Runnable begin(String image, Backend backend) {
    if (image.length() > MAX_NAME_LENGTH) {
      return () -> {};
    }
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

  /** A backend was removed. */
  public synchronized void forget(Backend backend) {
    byImage.asMap().values().forEach(hints -> hints.removeIf(hint -> hint.backend == backend));
    byImage.asMap().values().removeIf(List::isEmpty);
  }

  /** The backends for which the image was asked about lately, in the order of asking. */
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
