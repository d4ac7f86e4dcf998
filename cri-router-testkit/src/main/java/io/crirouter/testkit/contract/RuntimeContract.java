package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * The contract of a CRI runtime: what kubelets rely on, rpc by rpc. Extend it with a test class for
 * your runtime, or run {@link SocketRuntimeContract} against a runtime on a socket:
 *
 * <pre>{@code
 * class VmRuntimeTest extends RuntimeContract {
 *   @Override
 *   protected RuntimeUnderTest runtime() {
 *     VmRuntime runtime = new VmRuntime();
 *     return RuntimeUnderTest.of(runtime, "busybox")
 *         .lacks(Feature.EVENTS, Feature.LOG_FILES)
 *         .closeAfterwards(runtime)
 *         .build();
 *   }
 * }
 * }</pre>
 *
 * <p>Each rule creates pods whose names begin with {@code contract-}, and removes them. Other pods
 * of the node are not changed. The failure of a rule shows its name and the features that a runtime
 * can declare as lacking. A router is a runtime too: it is transparent if it passes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class RuntimeContract {
  private @Nullable RuntimeUnderTest runtime;
  private @Nullable ContractSession session;

  /** For subclasses. */
  protected RuntimeContract() {}

  /** The runtime; called once, before the first rule. */
  protected abstract RuntimeUnderTest runtime() throws Exception;

  @BeforeAll
  void connect() throws Exception {
    RuntimeUnderTest opened = runtime();
    runtime = opened;
    session = ContractSession.open(opened);
  }

  @AfterAll
  void disconnect() throws Exception {
    ContractSession ending = session;
    AutoCloseable resource = runtime == null ? null : runtime.resource;
    session = null;
    runtime = null;
    try {
      if (ending != null) {
        ending.close();
      }
    } finally {
      if (resource != null) {
        resource.close();
      }
    }
  }

  private ContractSession session() {
    if (session == null) {
      throw new IllegalStateException(
          "the runtime is connected only between @BeforeAll and @AfterAll");
    }
    return session;
  }

  @TestFactory
  Stream<DynamicNode> rules() {
    Set<Feature> lacks = session().runtime().lacks;
    Map<String, List<Rule>> areas = Rule.all();
    List<DynamicNode> nodes = new ArrayList<>();
    areas.forEach(
        (area, rules) ->
            nodes.add(
                dynamicContainer(
                    area,
                    rules.stream().filter(rule -> rule.appliesWithout(lacks)).map(this::test))));
    nodes.add(dynamicContainer("declared lacks", lacks.stream().map(this::lack)));
    return nodes.stream();
  }

  private DynamicTest test(Rule rule) {
    return dynamicTest(
        rule.name(),
        () -> {
          try {
            session().check(rule);
          } catch (AssertionError e) {
            throw rule.broken(e);
          }
        });
  }

  /** Passes if at least one of the rules that need the feature is broken. */
  private DynamicTest lack(Feature feature) {
    return dynamicTest(
        feature.name(),
        () -> {
          List<Rule> rules = Rule.thatNeed(feature, session().runtime().lacks);
          Optional<Rule> broken = rules.stream().filter(session()::isBroken).findFirst();
          assertTrue(
              rules.isEmpty() || broken.isPresent(),
              () ->
                  session().runtime()
                      + " is declared to lack "
                      + feature
                      + ", but all rules that need it hold: remove the declaration. Rules: "
                      + rules.stream().map(Rule::name).toList());
        });
  }
}
