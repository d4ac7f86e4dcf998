package io.crirouter.core.image;

import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Remembers for which backend a kubelet last asked about an image on a pod's behalf. Some of its
 * calls about the same image a moment later do not say for which pod they are: the one that learns
 * the image's user is such a call. Thread-safe; holds the last {@value #MAX_IMAGES} names.
 */
final class ImageHints {
  /** How long a hint counts after the call that gave it has ended. */
  static final Duration LIFETIME = Duration.ofSeconds(30);

  private static final int MAX_IMAGES = 1024;

  private final Scheduler scheduler;
  private final Map<String, List<Hint>> byImage =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<Hint>> eldest) {
          return size() > MAX_IMAGES;
        }
      };

  /** One backend's hint for one image. */
  private static final class Hint {
    private final Backend backend;
    private int running;
    private long endedAt;

    Hint(Backend backend) {
      this.backend = backend;
    }
  }

  ImageHints(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * A call about {@code image} begins at {@code backend}.
   *
   * @return to be run once when it ends
   */
  synchronized Runnable begin(String image, Backend backend) {
    List<Hint> hints = byImage.computeIfAbsent(normalise(image), key -> new ArrayList<>());
    Hint hint =
        hints.stream()
            .filter(known -> known.backend == backend)
            .findFirst()
            .orElseGet(
                () -> {
                  Hint fresh = new Hint(backend);
                  hints.add(fresh);
                  return fresh;
                });
    hint.running++;
    return () -> end(hint);
  }

  private synchronized void end(Hint hint) {
    hint.running--;
    hint.endedAt = scheduler.nanoTime();
  }

  /** A backend was removed. */
  synchronized void forget(Backend backend) {
    byImage.values().forEach(hints -> hints.removeIf(hint -> hint.backend == backend));
    byImage.values().removeIf(List::isEmpty);
  }

  /** The backends for which the image was asked about lately, in the order of asking. */
  synchronized Set<Backend> backends(String image) {
    Set<Backend> backends = new LinkedHashSet<>();
    List<Hint> hints = byImage.getOrDefault(normalise(image), List.of());
    for (Hint hint : hints) {
      long age = scheduler.nanoTime() - hint.endedAt;
      boolean counts = hint.running > 0 || age <= LIFETIME.toNanos();
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
