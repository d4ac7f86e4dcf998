/**
 * A simulated kubelet: {@link io.crirouter.testkit.kubelet.KubeletSimulator} makes the calls of a
 * kubelet in simulated time, and reports responses that contradict earlier ones.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit.kubelet;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
