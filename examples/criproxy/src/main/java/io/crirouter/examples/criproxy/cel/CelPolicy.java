package io.crirouter.examples.criproxy.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.crirouter.core.BackendName;
import io.crirouter.core.PodView;
import io.crirouter.core.RoutingPolicy;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A policy that evaluates an expression of the Common Expression Language (CEL) over the pod.
 * Immutable.
 *
 * <p>The evaluation time is bounded: CEL has no loops but over the fields of the pod, their
 * iterations are limited, and regular expressions take linear time. An expression that fails
 * refuses the pod; the message has the expression.
 */
public final class CelPolicy implements RoutingPolicy {
  static final int MAX_LENGTH = 4096;
  static final int MAX_ITERATIONS = 10_000;

  private static final int SHOWN_LENGTH = 200;

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .maxExpressionCodePointSize(MAX_LENGTH)
          .comprehensionMaxIterations(MAX_ITERATIONS)
          .build();

  private final String expression;
  private final Optional<BackendName> target;
  private final CelRuntime.Program program;

  private CelPolicy(String expression, Optional<BackendName> target, CelRuntime.Program program) {
    this.expression = expression;
    this.target = target;
    this.program = program;
  }

  /**
   * Routes pods for which the expression is true to {@code target}.
   *
   * @throws IllegalArgumentException if the expression is invalid; the message says where and why
   */
  public static CelPolicy condition(String expression, BackendName target) {
    return checked(expression, Optional.of(target), SimpleType.BOOL);
  }

  /**
   * Routes pods to the backend that the expression returns; an empty string is no decision.
   *
   * @throws IllegalArgumentException if the expression is invalid; the message says where and why
   */
  public static CelPolicy naming(String expression) {
    return checked(expression, Optional.empty(), SimpleType.STRING);
  }

  private static CelPolicy checked(
      String expression, Optional<BackendName> target, CelType resultType) {
    CelPolicy policy = new CelPolicy(expression, target, program(compile(expression, resultType)));
    try {
      Object unused = policy.evaluate(PodView.builder().build());
    } catch (CelEvaluationException e) {
      throw new IllegalArgumentException(
          "it fails for a pod without labels and annotations: "
              + e.getMessage()
              + "; test first whether a key exists: has(pod.labels.KEY) or 'KEY' in pod.labels",
          e);
    }
    return policy;
  }

  private static CelAbstractSyntaxTree compile(String expression, CelType resultType) {
    CelCompilerBuilder compiler =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setResultType(resultType);
    PodVariables.types().forEach(compiler::addVar);
    try {
      return compiler.build().compile(expression).getAst();
    } catch (CelValidationException e) {
      throw new IllegalArgumentException(message(e.getErrors()), e);
    }
  }

  /** The errors with their line and column in the expression, counted from 1. */
  private static String message(List<CelIssue> errors) {
    String all = errors.stream().map(CelPolicy::message).collect(Collectors.joining("; "));
    return all.contains("undeclared reference")
        ? all + "; declared: " + String.join(", ", PodVariables.names())
        : all;
  }

  private static String message(CelIssue error) {
    int line = error.getSourceLocation().getLine();
    int column = error.getSourceLocation().getColumn() + 1;
    String place = (line > 1 ? "line " + line + ", " : "") + "column " + column;
    return place + " of the expression: " + error.getMessage();
  }

  private static CelRuntime.Program program(CelAbstractSyntaxTree tree) {
    try {
      return CelRuntimeFactory.plannerRuntimeBuilder()
          .setOptions(OPTIONS)
          .build()
          .createProgram(tree);
    } catch (CelEvaluationException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private Object evaluate(PodView pod) throws CelEvaluationException {
    return program.eval(name -> PodVariables.of(pod, name));
  }

  @Override
  public Optional<BackendName> forPod(PodView pod) {
    try {
      Object result = evaluate(pod);
      if (target.isPresent()) {
        return Boolean.TRUE.equals(result) ? target : Optional.empty();
      }
      return "".equals(result) ? Optional.empty() : Optional.of(BackendName.of((String) result));
    } catch (CelEvaluationException | IllegalArgumentException e) {
      throw new IllegalArgumentException("policy " + this + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Set<BackendName> backends() {
    return target.map(Set::of).orElse(Set.of());
  }

  @Override
  public String toString() {
    String shown =
        expression.length() <= SHOWN_LENGTH
            ? expression
            : expression.substring(0, SHOWN_LENGTH) + "...";
    return "cel(" + shown + target.map(name -> " -> " + name).orElse("") + ")";
  }
}
