package io.crirouter.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Tells a {@link RouterExtension} which runtime a test's parameter stands for.
 *
 * <pre>{@code
 * void podsGoToTheVm(@RuntimeName("vm.example") FakeRuntime vm, CriClient client) { ... }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface RuntimeName {
  /** The name given to the builder of the extension. */
  String value();
}
