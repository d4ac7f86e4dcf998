package io.crirouter.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.google.common.hash.Hashing;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Pods are spread over backends by weight. The pod's uid decides, by weighted rendezvous hashing: a
 * pod gets a score at each backend, and the highest wins. So a change of one weight moves only pods
 * from or to that backend.
 *
 * @param weights the backends with a weight above zero
 */
record WeightedPolicy(Map<BackendName, Integer> weights) implements RoutingPolicy {
  private static final double POSSIBLE_HASHES = 0x1p53;

  static WeightedPolicy of(Map<BackendName, Integer> weights) {
    Map<BackendName, Integer> positive = new TreeMap<>();
    weights.forEach(
        (backend, weight) -> {
          if (requireNonNull(weight, "weight") < 0) {
            throw new IllegalArgumentException(
                "the weight of runtime " + backend + " is negative: " + weight);
          }
          if (weight > 0) {
            positive.put(requireNonNull(backend, "backend"), weight);
          }
        });
    if (positive.isEmpty()) {
      throw new IllegalArgumentException("no runtime has a weight above zero: " + weights);
    }
    return new WeightedPolicy(positive);
  }

  @Override
  public Optional<BackendName> forPod(PodView pod) {
    if (weights.size() == 1) {
      return Optional.of(weights.keySet().iterator().next());
    }
    return pod.uid().isEmpty() ? Optional.empty() : Optional.of(highest(pod.uid()));
  }

  private BackendName highest(String uid) {
    BackendName highest = null;
    double highestScore = 0;
    for (Map.Entry<BackendName, Integer> backend : weights.entrySet()) {
      double score = backend.getValue() / -Math.log(hash(uid, backend.getKey()));
      if (highest == null || score > highestScore) {
        highest = backend.getKey();
        highestScore = score;
      }
    }
    return requireNonNull(highest, "backends");
  }

  /** A number between 0 and 1, without both. */
  private static double hash(String uid, BackendName backend) {
    long hash = Hashing.sha256().hashString(uid + '/' + backend, UTF_8).asLong();
    return ((hash >>> 11) + 0.5) / POSSIBLE_HASHES;
  }

  @Override
  public Set<BackendName> backends() {
    return Set.copyOf(weights.keySet());
  }

  @Override
  public String toString() {
    return "weighted(" + weights + ")";
  }
}
