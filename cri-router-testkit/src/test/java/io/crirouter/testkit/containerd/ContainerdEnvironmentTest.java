package io.crirouter.testkit.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerdEnvironmentTest {
  private final String requiredBefore = System.getProperty("CRI_ROUTER_E2E");
  private final String runtimesBefore = System.getProperty("CRI_ROUTER_RUNTIMES");

  @BeforeEach
  void useEmptyRuntimesFolder(@TempDir Path empty) {
    System.setProperty("CRI_ROUTER_RUNTIMES", empty.toString());
  }

  @AfterEach
  void restore() {
    restore("CRI_ROUTER_E2E", requiredBefore);
    restore("CRI_ROUTER_RUNTIMES", runtimesBefore);
  }

  @Test
  void missingProgramsAreNamedWithTheirPackage() {
    System.setProperty("CRI_ROUTER_E2E", "if possible");

    assertThat(ContainerdEnvironment.missing(ContainerdLine.NEWER))
        .anySatisfy(
            entry ->
                assertThat(entry)
                    .contains(ContainerdLine.NEWER.containerd().toString())
                    .contains("NEWER"));
    assertThat(ContainerdEnvironment.reasonToSkip(ContainerdLine.NEWER))
        .hasValueSatisfying(
            reason ->
                assertThat(reason)
                    .contains(ContainerdLine.NEWER.containerd().toString())
                    .contains(".ci/install-runtimes"));
  }

  @Test
  void requiredTestsFailInsteadOfBeingSkipped() {
    System.setProperty("CRI_ROUTER_E2E", "required");

    assertThatThrownBy(() -> ContainerdEnvironment.reasonToSkip(ContainerdLine.NEWER))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("newer/usr/bin/containerd")
        .hasMessageContaining("CRI_ROUTER_E2E=required");
  }

  private static void restore(String property, String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }
}
