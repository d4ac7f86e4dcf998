package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageStrategy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link ImageStrategy}, checked with many kinds of names. Extend it with a test
 * class:
 *
 * <pre>{@code
 * class MirrorImagesTest extends ImageStrategyContract {
 *   @Override
 *   protected ImageStrategy strategy() {
 *     return new MirrorImages("mirror.example");
 *   }
 * }
 * }</pre>
 */
public abstract class ImageStrategyContract {
  private static final int THREADS = 4;
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final String REFERENCE =
      "(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?"
          + COMPONENT
          + "(?:/"
          + COMPONENT
          + ")*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?";

  /** For subclasses. */
  protected ImageStrategyContract() {}

  /** Creates the strategy, as at the start of a process. */
  protected abstract ImageStrategy strategy();

  /** The secondaries; at least two. */
  protected List<BackendName> backends() {
    return List.of(BackendName.of("virtlet.cloud"), BackendName.of("kata"));
  }

  /** Image refs in the form that runtimes return. */
  private static List<String> refs() {
    List<String> refs = new ArrayList<>();
    for (String repository :
        List.of(
            "docker.io/library/busybox",
            "docker.io/kata/agent",
            "registry.k8s.io/pause",
            "quay.io/a/b_c/d-e.f",
            "localhost/image")) {
      refs.add(repository + ":latest");
      refs.add(repository + ":v1.2.3-rc.1_x");
      refs.add(repository + "@" + DIGEST);
    }
    return refs;
  }

  @Test
  void aNameForClientsMapsBackToTheNameOfTheRuntime() {
    ImageStrategy strategy = strategy();
    for (BackendName backend : backends()) {
      for (String ref : refs()) {
        assertEquals(ref, strategy.toRuntime(backend, strategy.toClient(backend, ref)));
      }
    }
  }

  @Test
  void namesForClientsAreImageReferences() {
    ImageStrategy strategy = strategy();
    for (BackendName backend : backends()) {
      for (String ref : refs()) {
        String name = strategy.toClient(backend, ref);
        assertTrue(name.matches(REFERENCE), () -> name + " is no image reference");
      }
    }
  }

  @Test
  void differentNamesOfARuntimeStayDifferent() {
    ImageStrategy strategy = strategy();
    for (BackendName backend : backends()) {
      assertEquals(
          refs().size(),
          refs().stream().map(ref -> strategy.toClient(backend, ref)).distinct().count(),
          () -> "names of " + refs() + " at " + backend);
    }
  }

  @Test
  void plainNamesReachTheRuntimeUnchanged() {
    ImageStrategy strategy = strategy();
    for (BackendName backend : backends()) {
      for (String plain : List.of("busybox", "busybox:1.36", "registry.k8s.io/pause:3.9")) {
        assertEquals(plain, strategy.toRuntime(backend, plain), () -> "a plain name of a pod");
      }
    }
  }

  @Test
  void atMostOneBackendOwnsAName() {
    ImageStrategy strategy = strategy();
    for (String name : names(strategy)) {
      List<BackendName> owners =
          backends().stream().filter(backend -> strategy.owns(backend, name)).toList();
      assertTrue(owners.size() <= 1, () -> name + " is owned by " + owners);
    }
  }

  @Test
  void noBackendOwnsTheNamesOfAnother() {
    ImageStrategy strategy = strategy();
    for (BackendName backend : backends()) {
      for (String ref : refs()) {
        String name = strategy.toClient(backend, ref);
        for (BackendName other : backends()) {
          assertTrue(
              other.equals(backend) || !strategy.owns(other, name),
              () -> other + " owns " + name + ", a name of " + backend);
        }
      }
    }
  }

  private List<String> names(ImageStrategy strategy) {
    List<String> names = new ArrayList<>(refs());
    names.addAll(List.of("busybox", "kata", "kata/agent", "virtlet.cloud", "virtlet.cloud/a"));
    for (BackendName backend : backends()) {
      refs().forEach(ref -> names.add(strategy.toClient(backend, ref)));
    }
    return names;
  }

  @Test
  void anyStringIsAcceptedWithoutAnException() {
    ImageStrategy strategy = strategy();
    for (BackendName backend : backends()) {
      for (String odd : List.of("/", ":", "@", "a//b", "UPPER", " ", "é", "x".repeat(4096))) {
        assertNotNull(strategy.toRuntime(backend, odd), () -> "toRuntime of " + odd);
        boolean unused = strategy.owns(backend, odd);
      }
    }
  }

  @Test
  void namesAreTheSameAfterARestart() {
    assertEquals(names(strategy()), names(strategy()));
  }

  @Test
  void manyThreadsGetTheSameNames() throws Exception {
    ImageStrategy strategy = strategy();
    List<String> expected = names(strategy());
    Concurrently.run(THREADS, thread -> assertEquals(expected, names(strategy)));
  }
}
