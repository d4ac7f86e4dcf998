package io.crirouter.testkit.e2e;

import io.crirouter.testkit.containerd.ContainerdLine;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One pair for each line, started on first use and closed after the last test. Resources that are
 * left then fail the build.
 */
final class SharedPairs implements AutoCloseable {
  private final Map<ContainerdLine, RoutedPair> pairs = new EnumMap<>(ContainerdLine.class);
  private final Resources resources = new Resources();

  private SharedPairs() {}

  /** The pairs of this test run. */
  static SharedPairs of(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(SharedPairs.class))
        .computeIfAbsent(SharedPairs.class, key -> new SharedPairs(), SharedPairs.class);
  }

  synchronized RoutedPair on(ContainerdLine line) {
    return pairs.computeIfAbsent(line, here -> resources.keep(RoutedPair.start(here)));
  }

  @Override
  public synchronized void close() {
    resources.close();
  }

  /** Injects the pairs into parameters of test methods. */
  static final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == SharedPairs.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return of(context);
    }
  }
}
