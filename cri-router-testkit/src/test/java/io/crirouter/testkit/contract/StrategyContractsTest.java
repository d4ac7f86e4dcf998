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

/** Our id codec and image strategies keep their contracts, and wrong ones are found out. */
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
  static class LeavesIdsAlone extends OfCodec {
    LeavesIdsAlone() {
      super((owner, id) -> id, (owner, id) -> Optional.of(id));
    }
  }

  @OfWrongImplementation
  static class WithADash extends OfCodec {
    WithADash() {
      super(
          (owner, id) -> owner.prefix() + "-" + id, (owner, id) -> after(owner.prefix() + "-", id));
    }
  }

  @OfWrongImplementation
  static class CutsIds extends OfCodec {
    CutsIds() {
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
  static class ThrowsAtWhatIsStrange extends OfCodec {
    ThrowsAtWhatIsStrange() {
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
  static class CountsItsProcesses extends IdCodecContract {
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
  void wrongCodecsAreFoundOut() {
    assertThat(ContractRun.of(OnePrefixForAll.class).failed())
        .contains("whatIsEncodedIsOfNoOtherOwner", "noTwoObjectsHaveOneId");
    assertThat(ContractRun.of(LeavesIdsAlone.class).failed())
        .contains("thePrimarysIdsAreOfNoSecondary");
    assertThat(ContractRun.of(WithADash.class).failed()).containsExactly("idsFitIntoFileNames");
    assertThat(ContractRun.of(CutsIds.class).failed())
        .contains("whatIsEncodedDecodesToTheIdOfTheOwner", "noTwoObjectsHaveOneId");
    assertThat(ContractRun.of(Reversed.class).failed())
        .containsExactly("theBeginningOfAnIdIsTheBeginningOfTheRuntimesOrNothing");
    assertThat(ContractRun.of(ThrowsAtWhatIsStrange.class).failed())
        .containsExactly("whateverClientsSendIsDecodedWithoutAnError");
    assertThat(ContractRun.of(CountsItsProcesses.class).failed())
        .contains("afterARestartIdsAreWhatTheyWere");
  }

  /** A strategy that puts something before names. */
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
  static class NamesThatAreNone extends ImageStrategyContract {
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
  static class EverybodyOwnsAll extends ImageStrategyContract {
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
  void wrongImageStrategiesAreFoundOut() {
    assertThat(ContractRun.of(NamesThatAreNone.class).failed())
        .containsExactly("namesForClientsAreImageReferences");
    assertThat(ContractRun.of(EverybodyOwnsAll.class).failed())
        .containsExactlyInAnyOrder("atMostOneBackendOwnsAName", "nobodyOwnsTheNamesOfAnother");
    assertThat(ContractRun.of(OneWayOnly.class).failed())
        .containsExactly("theRuntimeGetsItsOwnNameBack");
    assertThat(ContractRun.of(WithoutTags.class).failed())
        .containsExactlyInAnyOrder(
            "theRuntimeGetsItsOwnNameBack", "namesOfOneRuntimeStayDifferent");
    assertThat(ContractRun.of(CompletesNames.class).failed())
        .containsExactly("namesThatItDidNotMakeReachTheRuntimeAsTheyAre");
  }
}
