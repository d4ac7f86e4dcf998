/**
 * AssertJ assertions for what the testkit gives: see {@link
 * io.crirouter.testkit.assertj.CriAssertions}. Whoever uses them has AssertJ among the dependencies
 * of their own tests.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit.assertj;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
