package io.crirouter.testkit;

import io.crirouter.core.CriRouter;
import java.util.Optional;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/** Resolves the parameters of test methods for a {@link RouterExtension}. */
final class RouterParameters {
  private RouterParameters() {}

  static boolean supports(ParameterContext parameter) {
    Class<?> type = parameter.getParameter().getType();
    return type == CriClient.class
        || type == CriRouter.class
        || type == CallJournal.class
        || TestRuntime.class.isAssignableFrom(type);
  }

  static Object resolve(ParameterContext parameter, RunningRouter router) {
    Class<?> type = parameter.getParameter().getType();
    Optional<String> name = parameter.findAnnotation(RuntimeName.class).map(RuntimeName::value);
    if (type == CriRouter.class) {
      return router.router();
    } else if (type == CriClient.class) {
      return router.client();
    } else if (type == CallJournal.class) {
      return name.map(named -> router.runtime(named).journal()).orElseGet(router::timeline);
    }
    TestRuntime runtime = router.runtime(name.orElseThrow(() -> nameMissing(parameter, router)));
    if (!type.isInstance(runtime)) {
      throw new ParameterResolutionException(
          "runtime " + runtime.name() + " is not a " + type.getSimpleName() + ": use TestRuntime");
    }
    return runtime;
  }

  private static ParameterResolutionException nameMissing(
      ParameterContext parameter, RunningRouter router) {
    return new ParameterResolutionException(
        "parameter %s needs @RuntimeName with one of %s"
            .formatted(parameter.getParameter().getName(), router.names()));
  }
}
