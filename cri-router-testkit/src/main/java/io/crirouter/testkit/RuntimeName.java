package io.crirouter.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the runtime that a {@link RouterExtension} injects into a parameter of a test.
 *
 * <pre>{@code
 * void podsGoToTheVm(@RuntimeName("vm.example") FakeRuntime vm, CriClient client) { ... }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface RuntimeName {
  /** The name of the runtime in the extension. */
  String value();
}
