package io.crirouter.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.IdCodec;
import io.crirouter.core.IdOwner;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ImageStrategy;
import io.crirouter.testkit.contract.ContractRun.OfWrongImplementation;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The id codec and image strategies of the core pass their contracts, and wrong ones fail. */
class StrategyContractsTest {
  @Nested
  class PrefixedIds extends IdCodecContract {
    @Override
    protected IdCodec codec() {
      return IdStrategy.prefixed();
    }
  }

  @Nested
  class PrefixedImages extends ImageStrategyContract {
    @Override
    protected ImageStrategy strategy() {
      return ImageStrategy.prefixed();
    }
  }

  @Nested
  class SharedImages extends ImageStrategyContract {
    @Override
    protected ImageStrategy strategy() {
      return ImageStrategy.shared();
    }
  }

  /** A codec of two functions. */
  private record Codec(
      BiFunction<IdOwner, String, String> encoder,
      BiFunction<IdOwner, String, Optional<String>> decoder)
      implements IdCodec {
    @Override
    public String encode(IdOwner owner, String id) {
      return encoder.apply(owner, id);
    }

    @Override
    public Optional<String> decode(IdOwner owner, String clientId) {
      return decoder.apply(owner, clientId);
    }
  }

  private static Optional<String> after(String prefix, String id) {
    return id.startsWith(prefix) ? Optional.of(id.substring(prefix.length())) : Optional.empty();
  }

  abstract static class OfCodec extends IdCodecContract {
    private final IdCodec codec;

    OfCodec(
        BiFunction<IdOwner, String, String> encoder,
        BiFunction<IdOwner, String, Optional<String>> decoder) {
      codec = new Codec(encoder, decoder);
    }

    @Override
    protected IdCodec codec() {
      return codec;
    }
  }

  @OfWrongImplementation
  static class OnePrefixForAll extends OfCodec {
    OnePrefixForAll() {
      super((owner, id) -> "x__" + id, (owner, id) -> after("x__", id));
    }
  }

  @OfWrongImplementation
  static class DoesNotEncode extends OfCodec {
    DoesNotEncode() {
      super((owner, id) -> id, (owner, id) -> Optional.of(id));
    }
  }

  @OfWrongImplementation
  static class PrefixWithADash extends OfCodec {
    PrefixWithADash() {
      super(
          (owner, id) -> owner.prefix() + "-" + id, (owner, id) -> after(owner.prefix() + "-", id));
    }
  }

  @OfWrongImplementation
  static class TruncatesIds extends OfCodec {
    TruncatesIds() {
      super(
          (owner, id) -> owner.prefix() + "__" + id.substring(0, Math.min(4, id.length())),
          (owner, id) -> after(owner.prefix() + "__", id));
    }
  }

  @OfWrongImplementation
  static class Reversed extends OfCodec {
    Reversed() {
      super(
          (owner, id) -> owner.prefix() + "__" + new StringBuilder(id).reverse(),
          (owner, id) ->
              after(owner.prefix() + "__", id)
                  .map(reversed -> new StringBuilder(reversed).reverse().toString()));
    }
  }

  @OfWrongImplementation
  static class ThrowsForUnusualIds extends OfCodec {
    ThrowsForUnusualIds() {
      super(
          (owner, id) -> owner.prefix() + "__" + id,
          (owner, id) -> {
            if (!id.matches("[a-z0-9_-]+")) {
              throw new IllegalArgumentException(id);
            }
            return after(owner.prefix() + "__", id);
          });
    }
  }

  @OfWrongImplementation
  static class DependsOnTheProcess extends IdCodecContract {
    private static final AtomicInteger PROCESSES = new AtomicInteger();

    @Override
    protected IdCodec codec() {
      String mark = "_" + PROCESSES.incrementAndGet() + "_";
      return new Codec(
          (owner, id) -> owner.prefix() + mark + id,
          (owner, id) -> after(owner.prefix() + mark, id));
    }
  }

  @Test
  void wrongCodecsFail() {
    assertThat(ContractRun.of(OnePrefixForAll.class).failed())
        .contains("anEncodedIdBelongsToNoOtherOwner", "encodedIdsAreUnique");
    assertThat(ContractRun.of(DoesNotEncode.class).failed())
        .contains("idsOfThePrimaryBelongToNoSecondary");
    assertThat(ContractRun.of(PrefixWithADash.class).failed())
        .containsExactly("idsFitIntoFileNames");
    assertThat(ContractRun.of(TruncatesIds.class).failed())
        .contains("anEncodedIdDecodesToTheIdOfTheRuntime", "encodedIdsAreUnique");
    assertThat(ContractRun.of(Reversed.class).failed())
        .containsExactly("aPrefixOfAnIdDecodesToAPrefixOfTheRuntimesIdOrNothing");
    assertThat(ContractRun.of(ThrowsForUnusualIds.class).failed())
        .containsExactly("anyStringIsDecodedWithoutAnException");
    assertThat(ContractRun.of(DependsOnTheProcess.class).failed())
        .contains("idsAreTheSameAfterARestart");
  }

  /** A strategy that adds a prefix to names. */
  private static class Images implements ImageStrategy {
    String prefix(BackendName backend) {
      return backend.value() + "/";
    }

    @Override
    public String toClient(BackendName backend, String ref) {
      return prefix(backend) + ref;
    }

    @Override
    public String toRuntime(BackendName backend, String clientRef) {
      return after(prefix(backend), clientRef).orElse(clientRef);
    }
  }

  @OfWrongImplementation
  static class InvalidNames extends ImageStrategyContract {
    @Override
    protected ImageStrategy strategy() {
      return new Images() {
        @Override
        String prefix(BackendName backend) {
          return "at " + backend + "/";
        }
      };
    }
  }

  @OfWrongImplementation
  static class EveryBackendOwnsAllNames extends ImageStrategyContract {
    @Override
    protected ImageStrategy strategy() {
      return new Images() {
        @Override
        public boolean owns(BackendName backend, String clientRef) {
          return true;
        }
      };
    }
  }

  @OfWrongImplementation
  static class OneWayOnly extends ImageStrategyContract {
    @Override
    protected ImageStrategy strategy() {
      return new Images() {
        @Override
        public String toRuntime(BackendName backend, String clientRef) {
          return clientRef;
        }
      };
    }
  }

  @OfWrongImplementation
  static class WithoutTags extends ImageStrategyContract {
    @Override
    protected ImageStrategy strategy() {
      return new Images() {
        @Override
        public String toClient(BackendName backend, String ref) {
          return super.toClient(backend, ref.replaceAll("[:@].*", ""));
        }
      };
    }
  }

  @OfWrongImplementation
  static class CompletesNames extends ImageStrategyContract {
    @Override
    protected ImageStrategy strategy() {
      return new Images() {
        @Override
        public String toRuntime(BackendName backend, String clientRef) {
          String name = super.toRuntime(backend, clientRef);
          return name.contains("/") ? name : "docker.io/library/" + name;
        }
      };
    }
  }

  @Test
  void wrongImageStrategiesFail() {
    assertThat(ContractRun.of(InvalidNames.class).failed())
        .containsExactly("namesForClientsAreImageReferences");
    assertThat(ContractRun.of(EveryBackendOwnsAllNames.class).failed())
        .containsExactlyInAnyOrder("atMostOneBackendOwnsAName", "noBackendOwnsTheNamesOfAnother");
    assertThat(ContractRun.of(OneWayOnly.class).failed())
        .containsExactly("aNameForClientsMapsBackToTheNameOfTheRuntime");
    assertThat(ContractRun.of(WithoutTags.class).failed())
        .containsExactlyInAnyOrder(
            "aNameForClientsMapsBackToTheNameOfTheRuntime",
            "differentNamesOfARuntimeStayDifferent");
    assertThat(ContractRun.of(CompletesNames.class).failed())
        .containsExactly("plainNamesReachTheRuntimeUnchanged");
  }
}
