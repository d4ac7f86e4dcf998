package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdCodec;
import io.crirouter.core.IdOwner;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Custom id codecs that break the rules of {@link IdCodec}. */
class BrokenIdCodecTest {
  private static Node node(IdCodec codec) {
    return Node.builder().configure(builder -> builder.ids(codec)).build();
  }

  /** A codec that breaks one rule. */
  private abstract static class Broken extends OwnerLast {
    @Override
    public String toString() {
      return "my codec";
    }
  }

  static Stream<Arguments> brokenCodecs() {
    return Stream.of(
        Arguments.of(
            "throws",
            "no table",
            new Broken() {
              @Override
              public String encode(IdOwner owner, String id) {
                throw new IllegalStateException("no table");
              }
            }),
        Arguments.of(
            "null",
            "null",
            new Broken() {
              @Override
              @SuppressWarnings("NullOptional")
              public Optional<String> decode(IdOwner owner, String clientId) {
                return null;
              }
            }),
        Arguments.of(
            "characters",
            "0123456789ab:virt",
            new Broken() {
              @Override
              public String encode(IdOwner owner, String id) {
                return id + ":" + owner.prefix();
              }
            }),
        Arguments.of(
            "length",
            "128",
            new Broken() {
              @Override
              public String encode(IdOwner owner, String id) {
                return "0".repeat(128) + super.encode(owner, id);
              }
            }),
        Arguments.of(
            "decodes another id",
            "'0123456789ab'",
            new Broken() {
              @Override
              public Optional<String> decode(IdOwner owner, String clientId) {
                return super.decode(owner, clientId).map(id -> id.substring(1));
              }
            }),
        Arguments.of(
            "decodes the primary's",
            "primary",
            new Broken() {
              @Override
              public String encode(IdOwner owner, String id) {
                return id;
              }

              @Override
              public Optional<String> decode(IdOwner owner, String clientId) {
                return Optional.of(clientId);
              }
            }),
        Arguments.of(
            "decodes prefixes as other ids",
            "the beginning of",
            new Broken() {
              @Override
              public String encode(IdOwner owner, String id) {
                return "v_" + new StringBuilder(id).reverse();
              }

              @Override
              public Optional<String> decode(IdOwner owner, String clientId) {
                return clientId.startsWith("v_")
                    ? Optional.of(new StringBuilder(clientId.substring(2)).reverse().toString())
                    : Optional.empty();
              }
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenCodecs")
  void aCodecThatBreaksARuleIsRefusedAtStart(String rule, String word, IdCodec codec) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> node(codec))
        .withMessageContainingAll("my codec", "virtlet.cloud", word);
  }

  @Test
  void aCodecThatDecodesIdsOfThePrimaryIsRefusedAtStart() {
    IdCodec codec =
        new OwnerLast() {
          @Override
          public boolean isEncoded(String clientId) {
            return true;
          }
        };

    assertThatIllegalArgumentException()
        .isThrownBy(() -> node(codec))
        .withMessageContainingAll("owner last", "isEncoded", "'0123456789ab'", "primary");
  }

  @Test
  void ownersWithTheSameEncodingAreRefused() {
    CriRouter.Builder clashing =
        CriRouter.builder()
            .scheduler(new ManualScheduler())
            .ids(new OwnerLast())
            .primary(CONTAINERD, FakeRuntime.create("containerd"))
            .secondary(VIRTLET, FakeRuntime.create("virtlet.cloud"))
            .secondary(BackendName.of("virtual.box"), FakeRuntime.create("virtual.box"));

    assertThatIllegalArgumentException()
        .isThrownBy(clashing::build)
        .withMessageContainingAll("virtlet.cloud", "virtual.box", ".virt");
  }

  /** The faults of a codec after the router was built. */
  private enum Fault {
    THROWS("no table"),
    FAILS_TO_LINK("lacks a class"),
    RETURNS_NULL("null"),
    SWAPS("reads that as");

    final String word;

    Fault(String word) {
      this.word = word;
    }

    String encode(String clientId) {
      return switch (this) {
        case THROWS -> throw new IllegalStateException("no table");
        case FAILS_TO_LINK -> throw new NoClassDefFoundError("lacks a class");
        case RETURNS_NULL -> null;
        case SWAPS -> "f" + clientId;
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aCodecThatFailsLaterIsNamed(Fault fault) {
    AtomicBoolean isBroken = new AtomicBoolean();
    Node failing =
        node(
            new Broken() {
              @Override
              public String encode(IdOwner owner, String id) {
                String clientId = super.encode(owner, id);
                return isBroken.get() ? fault.encode(clientId) : clientId;
              }
            });
    String plain = failing.runOnContainerd("a");
    String special = failing.runOnVirtlet("b");
    isBroken.set(true);

    assertFails(() -> failing.runOnVirtlet("c"), Code.INTERNAL, "my codec", fault.word);
    assertFails(() -> failing.podStatus(special), Code.INTERNAL, "my codec", fault.word);
    assertFails(
        () -> failing.client.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()),
        Code.INTERNAL,
        "my codec",
        fault.word);
    assertThat(failing.podStatus(plain).getId()).as("the primary's").isEqualTo(plain);

    isBroken.set(false);
    assertThat(failing.podStatus(special).getId()).isEqualTo(special);
  }

  @Test
  void anAmbiguousIdIsRefused() {
    AtomicBoolean isBroken = new AtomicBoolean();
    Node failing =
        node(
            new Broken() {
              @Override
              public Optional<String> decode(IdOwner owner, String clientId) {
                return isBroken.get() ? Optional.of(clientId) : super.decode(owner, clientId);
              }
            });
    String plain = failing.runOnContainerd("a");
    isBroken.set(true);

    assertFails(
        () -> failing.podStatus(plain), Code.INTERNAL, "my codec", "containerd", "virtlet.cloud");

    assertThat(failing.virtlet.journal().callsOf("PodSandboxStatus")).isEmpty();
  }

  @Test
  void aFailureOfTheCodecIsLoggedOnceAMinute() {
    AtomicBoolean isBroken = new AtomicBoolean();
    Node failing =
        node(
            new Broken() {
              @Override
              public String encode(IdOwner owner, String id) {
                return isBroken.get() ? Fault.THROWS.encode(id) : super.encode(owner, id);
              }
            });
    String pod = failing.runOnVirtlet("a");
    isBroken.set(true);
    try (CapturedExceptions log = new CapturedExceptions()) {
      assertFails(() -> failing.podStatus(pod), Code.INTERNAL);
      assertFails(() -> failing.podStatus(pod), Code.INTERNAL);
      assertThat(log.lines()).singleElement().asString().contains("my codec", "virtlet.cloud");
      assertThat(log.thrown())
          .singleElement()
          .satisfies(e -> assertThat(e).hasMessageContaining("no table"))
          .satisfies(e -> assertThat(e.getStackTrace()).isNotEmpty());
      failing.clock.advance(Duration.ofMinutes(1));
      assertFails(() -> failing.podStatus(pod), Code.INTERNAL);
      assertThat(log.lines()).hasSize(2);
    }
  }
}
