package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.ImageCalls.requestedImages;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ImageStrategy;
import io.crirouter.proto.v1.Image;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.grpc.Status.Code;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A custom image strategy of an embedder, for all runtimes or for one. */
class CustomImageStrategyTest {
  private static final String ID = "sha256:" + "1".repeat(64);

  /** Maps names between two registries. */
  private static class Mirrored implements ImageStrategy {
    private static final String REGISTRY = "registry.example/";
    private static final String MIRROR = "mirror.example:5000/";

    @Override
    public String toClient(BackendName backend, String ref) {
      return ref.startsWith(MIRROR) ? REGISTRY + ref.substring(MIRROR.length()) : ref;
    }

    @Override
    public String toRuntime(BackendName backend, String clientRef) {
      return clientRef.startsWith(REGISTRY)
          ? MIRROR + clientRef.substring(REGISTRY.length())
          : clientRef;
    }

    @Override
    public String toString() {
      return "mirrored";
    }
  }

  /** Prefixes the names for clients with a host. */
  private static final class UnderHost implements ImageStrategy {
    private static final String HOST = "vm.example/";

    @Override
    public String toClient(BackendName backend, String ref) {
      return HOST + ref;
    }

    @Override
    public String toRuntime(BackendName backend, String clientRef) {
      return owns(backend, clientRef) ? clientRef.substring(HOST.length()) : clientRef;
    }

    @Override
    public boolean owns(BackendName backend, String clientRef) {
      return clientRef.startsWith(HOST);
    }
  }

  private static Node node(ImageStrategy strategy) {
    return Node.builder().virtlet(BackendOptions.DEFAULT.withImages(strategy)).build();
  }

  private static List<String> tags(Node node, String id) {
    return new ImageCalls(node.client)
        .list().stream()
            .filter(image -> image.getId().equals(id))
            .map(Image::getRepoTagsList)
            .findFirst()
            .orElseThrow();
  }

  @Test
  void clientsGetTheNamesOfTheStrategy() {
    Node node = node(new Mirrored());
    node.virtlet.putImage(ImageCalls.image(ID, "mirror.example:5000/app:1").build());

    assertThat(tags(node, ID)).containsExactly("registry.example/app:1");
  }

  @Test
  void imageCallsOfPodsUseTheNameOfTheRuntime() {
    Node node = node(new Mirrored());
    ImageCalls images = new ImageCalls(node.client);

    String ref =
        images.pull(
            ImageCalls.of(Pods.on(VIRTLET, "a"), "registry.example/app:1"), Pods.on(VIRTLET, "a"));

    assertThat(requestedImages(node.virtlet, "PullImage"))
        .containsExactly("mirror.example:5000/app:1");
    assertThat(images.status(ImageCalls.of(Pods.on(VIRTLET, "a"), ref))).contains(ref);
    assertThat(images.status(ImageCalls.of(Pods.plain("b"), "registry.example/app:1"))).isEmpty();
  }

  @Test
  void namesWithoutAnOwnerAreSearched() {
    Node node = node(new Mirrored());
    node.virtlet.putImage(ImageCalls.image(ID, "mirror.example:5000/app:1").build());
    ImageCalls images = new ImageCalls(node.client);

    assertThat(images.status("registry.example/app:1")).contains(ID);
    assertThat(images.status("mirror.example:5000/app:1"))
        .as("a name that only the primary can have")
        .isEmpty();
    assertThat(requestedImages(node.virtlet, "ImageStatus"))
        .containsExactly("mirror.example:5000/app:1");
    images.remove("registry.example/app:1");
    assertThat(node.virtlet.images()).extracting(Image::getId).doesNotContain(ID);
  }

  @Test
  void namesWithAnOwnerAreRoutedToIt() {
    Node node = node(new UnderHost());
    node.virtlet.putImage(ImageCalls.image(ID, "docker.io/library/cirros:1").build());
    ImageCalls images = new ImageCalls(node.client);

    assertThat(tags(node, ID)).containsExactly("vm.example/docker.io/library/cirros:1");
    node.containerd.journal().clear();
    assertThat(images.status("vm.example/docker.io/library/cirros:1")).contains(ID);
    images.pull(ImageCalls.bare("vm.example/alpine"));
    images.remove("vm.example/docker.io/library/cirros:1");
    assertThat(requestedImages(node.virtlet, "PullImage")).containsExactly("alpine");
    assertThat(node.containerd.journal().calls()).isEmpty();
  }

  @Test
  void podsOfOtherRuntimesAreRefusedOwnedNamesWithAHost() {
    Node node = node(new UnderHost());

    assertFails(
        () ->
            new ImageCalls(node.client)
                .status(ImageCalls.of(Pods.on(CONTAINERD, "a"), "vm.example/alpine")),
        Code.FAILED_PRECONDITION,
        "vm.example/alpine",
        "virtlet.cloud",
        "containerd");
  }

  @Test
  void runtimesCanHaveDifferentStrategies() {
    SimulatedNode node =
        SimulatedNode.of("containerd", "virtlet.cloud")
            .configured(
                builder ->
                    builder.secondary(
                        BackendName.of("kata"),
                        kata(),
                        BackendOptions.DEFAULT.withImages(ImageStrategy.shared())))
            .startRouter();
    ImageCalls images = new ImageCalls(node.client());

    assertThat(images.list())
        .filteredOn(image -> image.getId().equals(ID))
        .flatExtracting(Image::getRepoTagsList)
        .containsExactly("example.com/app:1");
    assertThat(images.status("example.com/app:1")).contains(ID);
    assertThat(requestedImages(node.virtlet(), "ImageStatus")).isEmpty();
    node.close();
  }

  private static FakeRuntime kata() {
    FakeRuntime kata = FakeRuntime.create("kata");
    kata.putImage(ImageCalls.image(ID, "example.com/app:1").build());
    return kata;
  }

  /** A wrong strategy with a name for messages. */
  private static class Broken extends Mirrored {
    @Override
    public String toString() {
      return "my images";
    }
  }

  static Stream<Arguments> brokenStrategies() {
    return Stream.of(
        Arguments.of(
            "throws",
            "no table",
            new Broken() {
              @Override
              public String toClient(BackendName backend, String ref) {
                throw new IllegalStateException("no table");
              }
            }),
        Arguments.of(
            "null",
            "null",
            new Broken() {
              @Override
              @SuppressWarnings("NullAway")
              public String toRuntime(BackendName backend, String clientRef) {
                return null;
              }
            }),
        Arguments.of(
            "loses the tag",
            "reads that as",
            new Broken() {
              @Override
              public String toClient(BackendName backend, String ref) {
                return ref.substring(0, ref.lastIndexOf(':'));
              }
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenStrategies")
  void aStrategyThatBreaksARuleIsRefusedAtStart(String rule, String word, ImageStrategy strategy) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> node(strategy))
        .withMessageContainingAll("my images", "virtlet.cloud", word);
  }

  @Test
  void runtimesThatOwnTheSameNamesAreRefused() {
    CriRouter.Builder clashing =
        CriRouter.builder()
            .scheduler(new ManualScheduler())
            .images(new UnderHost())
            .primary(CONTAINERD, FakeRuntime.create("containerd"))
            .secondary(VIRTLET, FakeRuntime.create("virtlet.cloud"))
            .secondary(BackendName.of("kata"), FakeRuntime.create("kata"));

    assertThatIllegalArgumentException()
        .isThrownBy(clashing::build)
        .withMessageContainingAll("virtlet.cloud", "kata", "vm.example/");
  }

  static Stream<Supplier<String>> failures() {
    return Stream.of(
        () -> {
          throw new IllegalStateException("no table");
        },
        () -> {
          throw new NoClassDefFoundError("no table");
        });
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aStrategyThatFailsLaterIsNamed(Supplier<String> failure) {
    AtomicBoolean isBroken = new AtomicBoolean();
    Node node =
        node(
            new Broken() {
              @Override
              public String toRuntime(BackendName backend, String clientRef) {
                return isBroken.get() ? failure.get() : super.toRuntime(backend, clientRef);
              }
            });
    ImageCalls images = new ImageCalls(node.client);
    isBroken.set(true);

    try (CapturedExceptions log = new CapturedExceptions()) {
      assertFails(
          () -> images.status(ImageCalls.of(Pods.on(VIRTLET, "a"), "registry.example/app:1")),
          Code.INTERNAL,
          "my images",
          "no table");
      assertThat(log.lines()).singleElement().asString().contains("my images");
      assertThat(log.thrown()).hasSize(1);
    }
    assertThat(images.status(ImageCalls.of(Pods.plain("b"), "busybox"))).isPresent();
  }
}
