package io.crirouter.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.testkit.FakeRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every rule of the contract can fail: it detects a mutant of the fake with a mistake in one of the
 * rpcs that the rule calls.
 */
class RuntimeContractMutantsTest {
  private static final Set<Feature> LACKS = EnumSet.copyOf(List.of(FakeRuntimeContractTest.LACKS));
  private static final ScheduledExecutorService EXECUTOR =
      Executors.newSingleThreadScheduledExecutor();

  /** The log folders of the fake containers. */
  @TempDir private static Path logs;

  @AfterAll
  static void end() {
    EXECUTOR.shutdown();
  }

  /** A mistake in all responses of an rpc. */
  private enum Mistake {
    /** Success with an empty response and without an effect. */
    DOES_NOTHING {
      @Override
      void answer(CriMethod method, ResponseListener listener) {
        if (!method.serverStreaming()) {
          listener.onMessage(ByteString.EMPTY);
        }
        listener.onClose(RpcStatus.OK);
      }
    },
    /** An error without details. */
    FAILS {
      @Override
      void answer(CriMethod method, ResponseListener listener) {
        listener.onClose(RpcStatus.fromRuntime(Code.INTERNAL, "mutant", CallMetadata.EMPTY));
      }
    };

    abstract void answer(CriMethod method, ResponseListener listener);
  }

  /** A fake whose mistake can be switched on. */
  private static final class Mutant implements RuntimeBackend {
    private final FakeRuntime fake =
        FakeRuntime.named("mutant").scheduler(new FastScheduler()).images("busybox").build();
    private final CriMethod wrong;
    private final Mistake mistake;
    private volatile boolean mistaken;

    Mutant(CriMethod wrong, Mistake mistake) {
      this.wrong = wrong;
      this.mistake = mistake;
    }

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      if (mistaken && request.method().equals(wrong)) {
        mistake.answer(wrong, listener);
        return RuntimeCall.ENDED;
      }
      return fake.start(request, listener);
    }

    ContractSession session() {
      return ContractSession.open(
          RuntimeUnderTest.of(this, "busybox")
              .imageToRemove("alpine")
              .logs(logs)
              .timeout(Duration.ofMillis(300))
              .lacks(FakeRuntimeContractTest.LACKS)
              .build());
    }
  }

  /** Runs timers 100 times as fast as real time. */
  private static final class FastScheduler implements Scheduler {
    private static final int FACTOR = 100;

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable task) {
      return Scheduler.of(EXECUTOR).schedule(delay.dividedBy(FACTOR), task);
    }
  }

  static Stream<Arguments> rules() {
    return Rule.all().entrySet().stream()
        .flatMap(
            area ->
                area.getValue().stream()
                    .filter(rule -> rule.appliesWithout(LACKS))
                    .filter(rule -> !rule.name().startsWith("unknown rpcs"))
                    .map(rule -> Arguments.of(area.getKey(), rule)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("rules")
  void eachRuleDetectsAMutantOfItsRpcs(String area, Rule rule) {
    List<CriMethod> rpcs = rpcsOf(rule);
    // A rule calls the rpc under test last, after its setup.
    Collections.reverse(rpcs);

    assertThat(
            rpcs.stream()
                .flatMap(rpc -> Arrays.stream(Mistake.values()).map(how -> new Mutant(rpc, how))))
        .as("mutants of %s that '%s' detects", rpcs, rule)
        .anyMatch(mutant -> detects(rule, mutant));
  }

  private static List<CriMethod> rpcsOf(Rule rule) {
    Mutant right = new Mutant(CriMethod.of("Version"), Mistake.FAILS);
    try (ContractSession session = right.session()) {
      var unused = session.shared();
      right.fake.journal().clear();
      assertThat(session.isBroken(rule)).as("'%s' holds for the fake", rule).isFalse();
      Set<CriMethod> rpcs = new LinkedHashSet<>();
      right.fake.journal().calls().forEach(call -> rpcs.add(call.method()));
      return new ArrayList<>(rpcs);
    }
  }

  private static boolean detects(Rule rule, Mutant mutant) {
    try (ContractSession session = mutant.session()) {
      var unused = session.shared();
      mutant.mistaken = true;
      boolean detected = session.isBroken(rule);
      mutant.mistaken = false;
      return detected;
    }
  }
}
