package io.crirouter.testkit.contract;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** Runs the suite of a contract on an implementation and returns the failed and passed rules. */
final class ContractRun {
  private static boolean running;

  private final Events tests;

  private ContractRun(EngineExecutionResults results) {
    tests = results.testEvents();
  }

  /** Marks a suite that fails on purpose. It runs only in a {@link ContractRun}. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @EnabledIf("io.crirouter.testkit.contract.ContractRun#isRunning")
  @interface OfWrongImplementation {}

  static boolean isRunning() {
    return running;
  }

  static ContractRun of(Class<?> suite) {
    running = true;
    try {
      return new ContractRun(
          EngineTestKit.engine("junit-jupiter").selectors(selectClass(suite)).execute());
    } finally {
      running = false;
    }
  }

  /** The names of the failed rules. */
  Set<String> failed() {
    return names(tests.failed());
  }

  /** The names of the passed rules. */
  Set<String> passed() {
    return names(tests.succeeded());
  }

  /** The messages of the failed rules. */
  List<String> messages() {
    return tests
        .failed()
        .map(event -> event.getRequiredPayload(TestExecutionResult.class))
        .map(result -> result.getThrowable().orElseThrow().getMessage())
        .toList();
  }

  private static Set<String> names(Events events) {
    List<Event> list = events.list();
    return list.stream()
        .map(event -> event.getTestDescriptor().getDisplayName().replace("()", ""))
        .collect(Collectors.toSet());
  }
}
