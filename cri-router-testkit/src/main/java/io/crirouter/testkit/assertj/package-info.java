/**
 * AssertJ assertions about calls, pods and containers: see {@link
 * io.crirouter.testkit.assertj.CriAssertions}. Users must add AssertJ to their own dependencies.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit.assertj;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
