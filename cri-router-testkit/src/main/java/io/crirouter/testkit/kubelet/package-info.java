/**
 * A kubelet as far as a CRI runtime notices it: {@link
 * io.crirouter.testkit.kubelet.KubeletSimulator} runs pods, looks at them and cleans up as a
 * kubelet does, in simulated time, and tells what the runtime led it to believe that is not so.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit.kubelet;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
