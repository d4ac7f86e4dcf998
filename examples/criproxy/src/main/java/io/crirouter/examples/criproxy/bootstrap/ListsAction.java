package io.crirouter.examples.criproxy.bootstrap;

import com.google.protobuf.Message;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.PodSandbox;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Checks that the proxy lists all that the primary lists, before the kubelet depends on it. */
final class ListsAction implements StepAction {
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int ROUNDS = 10;
  private static final int MAX_NAMED = 5;

  private final Node node;
  private final Endpoint primary;
  private final Endpoint proxy;

  ListsAction(Node node, Endpoint primary, Endpoint proxy) {
    this.node = node;
    this.primary = primary;
    this.proxy = proxy;
  }

  @Override
  public void perform(JournalStep step) throws IOException, InterruptedException {
    try (RuntimeLink direct = RuntimeLink.open(node, primary);
        RuntimeLink routed = RuntimeLink.open(node, proxy)) {
      awaitAnswer(routed);
      List<String> missing = differences(direct, routed);
      // Pods may change between two lists.
      for (int round = 1; !missing.isEmpty() && round < ROUNDS; round++) {
        node.pause(PAUSE);
        missing = differences(direct, routed);
      }
      if (!missing.isEmpty()) {
        throw new IOException(
            "the proxy does not list what the primary lists: "
                + String.join(", ", missing.subList(0, Math.min(MAX_NAMED, missing.size()))));
      }
    }
  }

  private void awaitAnswer(RuntimeLink routed) throws IOException, InterruptedException {
    long end = node.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      try {
        Message unused = routed.version();
        return;
      } catch (IOException e) {
        if (node.nanoTime() - end >= 0) {
          throw new IOException(
              "the proxy does not answer within "
                  + START_LIMIT.toSeconds()
                  + " s; its log is in \"journalctl -u criproxy\": "
                  + e.getMessage(),
              e);
        }
        node.pause(PAUSE);
      }
    }
  }

  /** The objects of the primary that the proxy does not list, or lists differently. */
  static List<String> differences(RuntimeLink direct, RuntimeLink routed)
      throws IOException, InterruptedException {
    List<String> differences = new ArrayList<>();
    add(differences, "pod", direct.pods(), routed.pods(), PodSandbox::getId);
    add(differences, "container", direct.containers(), routed.containers(), Container::getId);
    Set<String> images = new HashSet<>();
    routed.images().forEach(image -> images.add(image.getId()));
    for (Image image : direct.images()) {
      if (!images.contains(image.getId())) {
        differences.add("image " + image.getId());
      }
    }
    return differences;
  }

  private static <T> void add(
      List<String> differences,
      String kind,
      List<T> direct,
      List<T> routed,
      Function<T, String> id) {
    Set<T> all = new HashSet<>(routed);
    for (T item : direct) {
      if (!all.contains(item)) {
        differences.add(kind + " " + id.apply(item));
      }
    }
  }
}
