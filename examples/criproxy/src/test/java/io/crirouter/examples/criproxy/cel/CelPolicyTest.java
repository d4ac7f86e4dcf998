package io.crirouter.examples.criproxy.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.core.BackendName;
import io.crirouter.core.PodView;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CelPolicyTest {
  private static final BackendName KATA = BackendName.of("kata");
  private static final PodView POD =
      PodView.builder()
          .namespace("tenant-a")
          .name("web-0")
          .uid("u-1")
          .label("tier", "batch")
          .annotation("example.com/speed", "fast")
          .runtimeHandler("vm")
          .hostNetwork(true)
          .build();

  private static Optional<BackendName> decide(String condition) {
    return CelPolicy.condition(condition, KATA).forPod(POD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "pod.namespace.startsWith('tenant-') && !pod.privileged",
        "pod.name == 'web-0' && pod.uid == 'u-1'",
        "has(pod.labels.tier) && pod.labels.tier == 'batch'",
        "'example.com/speed' in pod.annotations && pod.annotations['example.com/speed'] == 'fast'",
        "pod.labels.exists(key, key.startsWith('ti'))",
        "pod.runtimeHandler in ['vm', 'kata']",
        "pod.hostNetwork && !pod.hostPid && !pod.hostIpc",
        "pod.name.matches('^web-[0-9]+$')",
        "pod.namespace\n  .endsWith('a')"
      })
  void whatIsTrueOfAPodDecides(String condition) {
    assertThat(decide(condition)).contains(KATA);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "false",
        "pod.namespace == 'default'",
        "has(pod.labels.absent)",
        "pod.annotations.all(key, key == '')",
        "pod.privileged"
      })
  void whatIsFalseDoesNot(String condition) {
    assertThat(decide(condition)).isEmpty();
  }

  @Test
  void aStringNamesTheBackendAndAnEmptyOneNone() {
    CelPolicy policy =
        CelPolicy.naming("has(pod.labels.tier) && pod.labels.tier == 'batch' ? 'kata' : ''");

    assertThat(policy.forPod(POD)).contains(KATA);
    assertThat(policy.forPod(PodView.builder().build())).isEmpty();
    assertThat(policy.backends()).isEmpty();
    assertThat(CelPolicy.condition("true", KATA).backends()).containsExactly(KATA);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pod.nam == 'x' | column 1 of the expression: undeclared reference to 'pod' (in container '')*pod.hostIpc*",
        "pod.name ==    | column 12 of the expression: mismatched input '<EOF>' expecting *",
        "pod.name == 1  | column 10 of the expression: found no matching overload for '_==_'*",
        "true &&\\nfalse &&\\nx == 1 | line 3, column 1 of the expression: undeclared reference to 'x'*",
        "pod.name       | *expected type 'bool' but found 'string'*",
        "size(pod.labels) > 0 && foo(1) | column 28 of the expression: undeclared reference to 'foo'*"
      })
  void whatIsNoConditionIsRefusedWithPlaceAndReason(String condition, String message) {
    assertThatThrownBy(() -> CelPolicy.condition(condition.replace("\\n", "\n"), KATA))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .matches("(?s)" + Pattern.quote(message).replace("*", "\\E.*\\Q"));
  }

  @Test
  void conditionsAreBooleanAndNamesAreStrings() {
    assertThatThrownBy(() -> CelPolicy.naming("true"))
        .hasMessageContaining("expected type 'string' but found 'bool'");
  }

  @Test
  void missingKeysMustBeTestedFirst() {
    assertThatThrownBy(() -> CelPolicy.condition("pod.labels['tier'] == 'batch'", KATA))
        .hasMessageStartingWith("it fails for a pod without labels and annotations: ")
        .hasMessageEndingWith(
            "; test first whether a key exists: has(pod.labels.KEY) or 'KEY' in pod.labels");
  }

  @Test
  void anExpressionThatFailsForAPodRefusesItAndIsNamed() {
    CelPolicy policy = CelPolicy.condition("int(pod.uid + '0') > 1", KATA);

    assertThatThrownBy(() -> policy.forPod(POD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("policy cel(int(pod.uid + '0') > 1 -> kata): ");
    CelPolicy naming = CelPolicy.naming("pod.name == '' ? '' : 'No Name'");
    assertThatThrownBy(() -> naming.forPod(POD))
        .hasMessageStartingWith("policy cel(pod.name == '' ? '' : 'No Name'): ")
        .hasMessageContaining("No Name");
  }

  @Test
  void nestedLoopsAreBounded() {
    CelPolicy policy =
        CelPolicy.condition(
            "pod.labels.all(a, pod.labels.all(b, pod.labels.all(c, a + b + c != '')))", KATA);
    PodView.Builder large = PodView.builder();
    for (int i = 0; i < 1000; i++) {
      large.label("key" + i, "");
    }

    assertThatThrownBy(() -> policy.forPod(large.build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Iteration budget exceeded: " + CelPolicy.MAX_ITERATIONS);
  }

  @Test
  void theLengthOfAnExpressionIsBounded() {
    String tooLong = "true" + " && true".repeat(600);

    assertThatThrownBy(() -> CelPolicy.condition(tooLong, KATA))
        .hasMessageContaining(String.valueOf(CelPolicy.MAX_LENGTH));
    String deep = "(".repeat(1500) + "true" + ")".repeat(1500);
    assertThatThrownBy(() -> CelPolicy.condition(deep, KATA))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theNameOfAPolicyIsItsClippedExpression() {
    assertThat(CelPolicy.condition("pod.privileged", KATA))
        .hasToString("cel(pod.privileged -> kata)");
    assertThat(CelPolicy.naming("'" + "k".repeat(300) + "' == '' ? '' : ''").toString())
        .hasSize("cel()".length() + 203)
        .endsWith("...)");
  }
}
