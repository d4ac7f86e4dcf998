package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import io.crirouter.core.CriMethod;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Calls each rpc with each fault of a secondary and compares the outcome with the table in {@code
 * docs/behaviour.md}.
 */
class FailureMatrixTest {
  private static final String UPDATE = "crirouter.updateGolden";

  /** A strong reference, because the JDK drops the level of an unreferenced logger. */
  private static final Logger LOG = Logger.getLogger("io.crirouter");

  private static OutcomeTable documented = new OutcomeTable(new LinkedHashMap<>());

  @BeforeAll
  static void readTable() throws Exception {
    LOG.setLevel(Level.OFF);
    if (Boolean.getBoolean(UPDATE)) {
      observe().write();
    }
    documented = OutcomeTable.read();
  }

  @AfterAll
  static void restoreLog() {
    LOG.setLevel(null);
  }

  private static OutcomeTable observe() throws Exception {
    OutcomeTable observed = new OutcomeTable(new LinkedHashMap<>());
    for (MatrixRow row : MatrixRows.all()) {
      for (Fault fault : faults(row)) {
        try (MatrixCase one = new MatrixCase(row, fault)) {
          observed.add(row, fault, one.outcome());
        }
      }
    }
    return observed;
  }

  private static List<Fault> faults(MatrixRow row) {
    return Arrays.stream(Fault.values()).filter(fault -> fault.appliesTo(row.faultyRpc())).toList();
  }

  static Stream<Arguments> cases() {
    return MatrixRows.all().stream()
        .flatMap(row -> faults(row).stream().map(fault -> Arguments.of(row, fault)));
  }

  @ParameterizedTest(name = "{0} × {1}")
  @MethodSource("cases")
  void aFaultHasTheDocumentedOutcome(MatrixRow row, Fault fault) throws Exception {
    try (MatrixCase one = new MatrixCase(row, fault)) {
      String outcome = one.outcome();

      assertAll(
          () ->
              assertThat(documented.outcomes(row, fault))
                  .as(
                      "%s in docs/behaviour.md. If the change is meant, write the table anew and"
                          + " look at the difference: mvn test -pl cri-router-testkit -am"
                          + " -Dtest=FailureMatrixTest -Dsurefire.failIfNoSpecifiedTests=false"
                          + " -D%s=true",
                      one, UPDATE)
                  .contains(outcome),
          one::assertRestOfNodeIsHealthy,
          one::assertEverythingEnds);
    }
  }

  @Test
  void theTableHasExactlyTheRowsOfAllRpcs() throws IOException {
    assertThat(MatrixRows.all().stream().map(MatrixRow::rpc))
        .containsAll(CriMethod.all().stream().map(CriMethod::name).toList());
    assertThat(documented.cells().keySet())
        .containsExactlyInAnyOrderElementsOf(
            MatrixRows.all().stream().map(MatrixRow::label).toList());
    assertThat(OutcomeTable.section()).isEqualTo(documented.render());
  }
}
